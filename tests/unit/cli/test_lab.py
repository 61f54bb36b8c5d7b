"""``kdtheory lab``: the list, a page, a served address, and what goes wrong."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from kdtheory.lab import DEMONSTRATIONS
from tests.unit.cli.calls import fault, python

HEAVY = ("numpy", "scipy", "matplotlib", "marimo", "uvicorn", "starlette")


def test_the_demonstrations_are_listed_with_a_line_each(run):
    code, out, err = run("lab")
    assert (code, err) == (0, "")
    assert all(name in out and each.line in out for name, each in DEMONSTRATIONS.items())
    listed = json.loads(run("lab", "--json")[1])
    assert [each["name"] for each in listed] == list(DEMONSTRATIONS)
    assert run("lab", "--quiet") == (0, "", "")


def test_the_list_needs_nothing_heavy():
    program = (
        "import sys\nfrom kdtheory.cli import main\n"
        "try:\n    main(['lab', '--quiet'])\nexcept SystemExit as left:\n    assert left.code == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert python("-c", program).stdout.strip() == "['numpy']"  # which checks of arguments use


def test_help_names_every_option(run):
    code, out, _ = run("lab", "--help")
    assert code == 0
    assert all(option in out for option in ("--export", "--port", "--open", "--json", "--quiet"))


def test_a_page_is_written_and_named(run, tmp_path):
    pytest.importorskip("marimo")
    code, out, _ = run("lab", "break_the_theorem", "--export", "page.html")
    assert (code, out) == (0, "page.html\n")
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    code, out, _ = run("lab", "break_the_theorem", "--export", "again.html", "--json")
    assert json.loads(out) == {"name": "break_the_theorem", "file": "again.html"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("nonsense", "kdtheory: demonstration: expected one of eigenspace, gradient_denoising, break_the_theorem, got"),
        ("--export page.html", "kdtheory: NAME: expected one of eigenspace, gradient_denoising, break_the_theorem"),
        ("eigenspace --export page.txt", "kdtheory: export: expected a file that ends in .html, got 'page.txt'"),
        ("eigenspace --port many", "kdtheory: Invalid value for '--port': "),
    ],
)
def test_wrong_usage_is_one_line(run, arguments, message):
    assert fault(run("lab", *arguments.split())).startswith(message)


def test_a_taken_port_is_one_line(run):
    pytest.importorskip("marimo")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = fault(run("lab", "eigenspace", "--port", port))
    assert line.startswith(
        f"kdtheory: port: expected a free port, got {port}: address already in use; stop what uses it"
    )


def test_missing_marimo_is_one_line_that_names_the_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "marimo", None)
    code, out, err = run("lab", "eigenspace")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "pip install 'kdtheory[lab]'" in err


def test_a_served_demonstration_says_where_and_ends_well_with_control_c():
    pytest.importorskip("marimo")
    command = [sys.executable, "-m", "kdtheory", "lab", "eigenspace", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as served:
        said = served.stdout.readline()
        assert said.startswith("eigenspace: http://127.0.0.1:")
        port = int(said.split(":")[3].split()[0])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as asked:
            asked.sendall(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            assert asked.recv(100).startswith(b"HTTP/1.1 200")
        served.send_signal(signal.SIGINT)
        assert served.wait(20) == 0
        assert served.stderr.read() == ""
