"""The demonstrations as files: short, sourced, plain scripts, served to this machine alone, written whole or not at all."""

import base64
import gc
import re
import socket
import subprocess
import sys
from dataclasses import fields, replace

import pytest

from kdtheory import _located
from kdtheory.errors import InvalidArgument, MissingPackage, UnknownName
from kdtheory.lab import DEMONSTRATIONS, demonstration, require_marimo
from kdtheory.lab._page import Drawing, Frame, number, opening, picture, source, stepped
from kdtheory.lab.serving import LOOPBACK, listening, serve
from kdtheory.lab.snapshot import export
from tests.browser.pictures import SVG, Picture

NAMES = list(DEMONSTRATIONS)


@pytest.mark.parametrize("name", NAMES)
def test_an_app_is_short_and_names_its_sources(name):
    shown = demonstration(name)
    text = shown.file.read_text()
    assert len(text.splitlines()) < 300
    known = set(re.findall(r"^@\w+\{(\w+),", _located.references().read_text(), flags=re.MULTILINE))
    assert set(shown.sources) <= known
    assert set(re.findall(r"\b[a-z]+(?:19|20)\d\d\b", text)) == set(shown.sources)


@pytest.mark.parametrize("name", NAMES)
def test_an_app_is_a_plain_script_that_asks_and_answers(name):
    pytest.importorskip("marimo")
    done = subprocess.run(
        [sys.executable, "-W", "error", demonstration(name).file], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    question, answer = done.stdout.index("?"), re.search(r"\d\.\d{3}", done.stdout).start()
    assert question < answer
    assert "Source: nagarajan2023" in done.stdout
    assert "<" not in done.stdout.replace("<.", "")


@pytest.mark.parametrize("name", NAMES)
def test_a_snapshot_needs_no_network_no_script_and_no_server(name, tmp_path):
    pytest.importorskip("marimo")
    page = export(demonstration(name), tmp_path / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"https?:|<script|<link|@import|<marimo-", page)
    assert page.count("data:image/svg+xml") == (2 if name == "gradient_denoising" else 1)
    assert re.search(r'<data id="[\w-]+" value="[\d.e+-]+">', page)


def test_a_snapshot_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    pytest.importorskip("marimo")
    kept = tmp_path / "page.html"
    kept.write_text("old")
    monkeypatch.setattr("kdtheory._files.os.replace", lambda *names: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        export(demonstration("break_the_theorem"), kept)
    assert kept.read_text() == "old"
    assert list(tmp_path.iterdir()) == [kept]


def test_a_snapshot_is_named_html():
    with pytest.raises(InvalidArgument, match=r"export: expected a file that ends in .html, got 'page.pdf'"):
        export(demonstration("eigenspace"), "page.pdf")


def test_names_may_be_written_with_hyphens_and_unknown_ones_are_one_line():
    assert demonstration("break-the-theorem").name == "break_the_theorem"
    with pytest.raises(UnknownName, match="demonstration: expected one of eigenspace, gradient_denoising, break_the"):
        demonstration("nonsense")


def test_only_the_loopback_address_listens():
    with listening(0) as bound:
        address, port = bound.getsockname()
        assert address == LOOPBACK
        with socket.create_connection((LOOPBACK, port), timeout=2):
            pass
        # A server of all addresses would answer on this one, which is this machine too.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=2).close()


def test_a_taken_port_is_one_line():
    with listening(0) as bound:
        port = bound.getsockname()[1]
        with pytest.raises(InvalidArgument, match=rf"port: expected a free port, got {port}: address already in use; "):
            listening(port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_one_line(port):
    with pytest.raises(InvalidArgument, match=f"port: expected a whole number from 0 to 65535, got {port}"):
        listening(port)


def test_missing_marimo_is_one_line_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "marimo", None)
    with pytest.raises(MissingPackage, match=r"^marimo: expected marimo to be installed, .*'kdtheory\[lab\]'$"):
        require_marimo()


def test_numbers_keep_all_their_digits_and_a_missing_one_says_so():
    assert number("a", 1 / 3, ".2f") == '<data id="a" value="0.3333333333333333">0.33</data>'
    assert number("a", None, none="not here") == '<data id="a" value="">not here</data>'


def test_texts_are_escaped():
    assert "&lt;b&gt;" in opening("<b>", "")
    assert "&lt;b&gt;" in source("<b>")


def test_a_server_computes_on_one_thread_of_blas_and_collects_new_garbage_only(monkeypatch):
    uvicorn = pytest.importorskip("uvicorn")
    pytest.importorskip("marimo")
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info, threadpool_limits

    def threads():
        return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

    seen, kept = [], []
    run = lambda self, sockets: (seen.extend(threads()), kept.append(gc.get_freeze_count()))  # noqa: E731
    monkeypatch.setattr(uvicorn.Server, "run", run)
    gc.unfreeze()
    try:
        with threadpool_limits(2, user_api="blas"):
            before = threads()
            serve(demonstration("eigenspace"), port=0)
            assert (seen, threads()) == ([1] * len(before), before)
    finally:
        gc.unfreeze()
    assert before
    assert kept[0] > 10_000


FRAME = Frame(
    "area", "Title", ("below", "beside"), x=(0.0, 10.0), y=(1.0, 3.0), ticks=(((4.0, "four"),), ((1.5, "1"),))
)


def marked(frame):
    """Draws one point, in units of a frame."""
    return lambda axes: axes.plot(4.0, 1.5, marker="o", gid=f"{frame.name}-mark")


def image(*frames):
    """The source of a picture of panels with one point each."""
    drawing = Drawing(3.0, (1.0, 1.3)[: len(frames)], frames, tuple(marked(frame) for frame in frames))
    html = picture(drawing, 'a "line"')
    assert 'alt="a &quot;line&quot;"' in html
    return html.split('src="')[1].split('"')[0]


def test_a_picture_is_the_same_every_time():
    one, two = image(FRAME), image(FRAME)
    assert one == two
    assert base64.b64decode(one.split(",")[1]).startswith(b"<?xml")


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("position", [0, 1])
def test_marks_lie_where_their_frame_and_its_ticks_say(scale, position):
    other = replace(FRAME, name="other", x=(-3.0, 5.0), ticks=((), ()))
    frame = replace(FRAME, x=(1.0, 10.0), scale=scale)
    shown = Picture(image(*((frame, other) if position == 0 else (other, frame))))
    place = shown.points("area-mark", "area", frame.x, frame.y, (scale == "log", scale == "log"))[0]
    assert place == pytest.approx((4.0, 1.5), rel=1e-5)
    mark, below, beside = (shown.named[name].find(f".//{SVG}use") for name in ("area-mark", "xtick_1", "ytick_1"))
    assert (mark.get("x"), mark.get("y")) == (below.get("x"), beside.get("y"))


def test_a_frame_that_is_changed_in_anything_is_drawn_anew():
    changes = {"title": "Other", "labels": ("below", "elsewhere"), "x": (0.0, 9.0), "y": (1.0, 4.0), "labelpad": 0.0,
               "ticks": (((5.0, "four"),), ((1.5, "1"),)), "scale": "log", "name": "other"}  # fmt: skip
    base = replace(FRAME, x=(0.5, 10.0))  # which has a logarithm
    assert set(changes) == {field.name for field in fields(Frame)}
    drawn = [image(replace(base, **{name: value})) for name, value in changes.items()]
    assert len({image(base), *drawn}) == len(changes) + 1


def test_marks_are_drawn_below_their_frame_and_without_axes_of_their_own():
    text = base64.b64decode(image(FRAME).split(",")[1]).decode()
    assert text.index('id="area-mark"') < text.index('id="area-frame"')
    assert text.count('id="xtick_1"') == text.count('id="ytick_1"') == text.count("<svg ") == 1
    assert text.rstrip().endswith("</svg>")


def test_frames_end_at_steps():
    assert [stepped(value, 0.2) for value in (1.0, 1.0 + 1e-12, 1.001, 1.2, 0.0)] == [1.0, 1.0, 1.2, 1.2, 0.0]
