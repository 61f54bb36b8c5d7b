"""The page: opens without a network, says what was found, and hides nothing that failed."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from kdtheory import claims
from kdtheory.claims import Derived, Evidence, PropertyTested, Simulated, Step
from kdtheory.report import Checked, Difference, Findings, Shown, build, render
from kdtheory.report.evidence import with_networks
from kdtheory.report.mathematics import formula, mathematics


class Page(HTMLParser):
    """Every attribute that a browser may fetch, all ids, anchors, pictures and the text."""

    VOID = frozenset({"meta", "img", "br", "link", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched, self.ids, self.anchors, self.pictures, self.text, self.stack = [], [], [], [], "", []
        self.tags = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.add(tag)
        if tag not in self.VOID:
            self.stack.append(tag)
        self.fetched += [found[key] for key in ("src", "href", "data", "srcset", "poster") if key in found]
        self.ids += [found["id"]] if "id" in found else []
        if tag == "a" and found["href"].startswith("#"):
            self.anchors.append(found["href"][1:])
        if tag == "img":
            self.pictures.append(found)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text += data


def evidence(id: str = "exaggerated-bias", *, failures: int = 0, verified: bool = True) -> Evidence:
    return Evidence(
        claim=id,
        title="t",
        source="s",
        version="0",
        commit=None,
        derived=Derived((Step("one", "shows <this>", r"a \le b", verified),), ("words",), "algebra"),
        tested=PropertyTested(10, 0, 0, failures, {}),
        simulated=Simulated({"lag": 0.5}),
    )


def findings(claim_list=(), figure_list=(), *, full=False) -> Findings:
    return Findings(claim_list, figure_list, full, {"python": "3", "kdtheory": "0.1", "torch": None}, "0" * 40)


@pytest.fixture(scope="module")
def claim():
    return claims.get("exaggerated-bias")


@pytest.fixture(scope="module")
def built(small, tmp_path_factory):
    return build(small, tmp_path_factory.mktemp("figures"))


def test_nothing_is_fetched_from_elsewhere(claim, built):
    html = render(findings([Checked(claim, evidence())], [Shown("exaggerated-bias", built)]))
    page = Page(html)
    assert page.fetched
    for address in page.fetched:
        assert address.startswith(("#", "data:", "figures/")), address
    assert not page.tags & {"script", "link", "iframe", "object", "embed"}
    assert not re.search(r"url\(|@import", html)


def test_links_inside_the_page_lead_somewhere_and_ids_are_unique(claim, built):
    page = Page(render(findings([Checked(claim, evidence())], [Shown("exaggerated-bias", built)])))
    assert len(set(page.ids)) == len(page.ids)
    assert set(page.anchors) <= set(page.ids)
    assert page.stack == []


def test_every_picture_has_a_text_alternative(claim, built):
    page = Page(render(findings([], [Shown("exaggerated-bias", built)])))
    assert [len(picture["alt"]) > 50 for picture in page.pictures] == [True]


def test_a_figure_stands_with_caption_files_and_settings(built):
    page = Page(render(findings([], [Shown("exaggerated-bias", built)])))
    assert built.figure.caption(built.dataset) in page.text
    assert {f"figures/{path.name}" for path in built.files} <= set(page.fetched)
    assert "train = 40" in page.text
    assert "agrees with its stored reference" in page.text


def test_levels_stand_as_the_run_produced_them(claim):
    found = evidence().with_network("study", held=False, verdict="no lag seen, 3 of 5 seeds")
    page = Page(render(findings([Checked(claim, found)])))
    assert "1 of 1 steps verified by algebra" in page.text
    assert "✗ not seen" in page.text
    assert "no lag seen, 3 of 5 seeds" in page.text
    assert "Networks did not show: exaggerated-bias." in findings([Checked(claim, found)]).verdict


def test_the_verdict_of_a_good_run(claim, built):
    found = findings([Checked(claim, evidence())], [Shown("exaggerated-bias", built)])
    assert found.failed == ()
    assert found.verdict == (
        "1 of 1 claim held at every level that was run. 1 of 1 figure drawn and in agreement with the stored reference."
    )


@pytest.mark.parametrize("broken", [{"failures": 1}, {"verified": False}])
def test_a_failed_claim_is_in_the_verdict(claim, broken):
    found = findings([Checked(claim, evidence(**broken))])
    assert found.failed == ("exaggerated-bias",)
    assert found.verdict.startswith("0 of 1 claim held at every level that was run; exaggerated-bias did not hold.")
    assert "✗ failed" in Page(render(found)).text


def test_a_claim_that_could_not_be_checked_is_in_the_verdict_and_its_reason_on_the_page(claim):
    found = findings([Checked(claim, fault="ValueError: broken <check>")])
    assert found.failed == ("exaggerated-bias",)
    assert "ValueError: broken <check>" in Page(render(found)).text


def test_a_figure_that_could_not_be_drawn_is_shown_as_such():
    found = findings([], [Shown("three-worlds", fault="torch: expected it, got none; install it")])
    assert found.failed == ("three-worlds",)
    page = Page(render(found))
    assert "Not drawn: torch: expected it, got none; install it" in page.text


def test_a_figure_that_differs_from_its_reference_fails_and_says_how(built):
    shown = Shown("exaggerated-bias", built, [Difference("exaggerated-bias", "ratio", "0.4", "0.5")])
    found = findings([], [shown])
    assert found.failed == ("exaggerated-bias",)
    assert "exaggerated-bias: ratio: expected 0.4, got 0.5" in Page(render(found)).text


def test_worlds_stand_side_by_side_with_the_exponent_and_its_interval(built):
    row = {"train_deviation": None, "test_deviation": [0.05, 0.04, 0.06], "train_accuracy": [1.0, 1.0, 1.0]}
    rows = [{"fit": "student", "world": "networks", "test_accuracy": [3e-15, 3e-15, 3e-15], **row}]
    law = {"exponent": -0.4683, "low": -0.49, "high": -0.44, "level": 0.95}
    numbers = {**built.dataset.numbers, "comparison": rows, "exponent": {"student": law}}
    other = replace(built, dataset=replace(built.dataset, numbers=numbers))
    text = Page(render(findings([], [Shown("exaggerated-bias", other)]))).text
    assert "student −0.468 (−0.490 to −0.440)" in text
    assert "0.050 (0.040 to 0.060)" in text
    assert "3.0e-15" in text


def test_a_claim_with_markup_in_its_words_cannot_change_the_page(claim):
    hostile = replace(claim, title="<script>alert(1)</script>", words="a & b <img src=x>", statement="$a$ <b>")
    page = Page(render(findings([Checked(hostile, evidence())])))
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text
    assert page.pictures == []


def test_network_findings_reach_the_evidence_and_are_stored(claim, built, tmp_path):
    said = {"exaggerated-bias": {"held": True, "verdict": "seen", "numbers": {"lag": 0.5}}}
    figure = SimpleNamespace(figure=built.figure, findings=said)
    (item,) = with_networks([Checked(claim, evidence())], [figure], tmp_path)
    assert item.evidence.networks.verdict == "seen"
    assert claims.evidence(tmp_path)["exaggerated-bias"].networks.numbers == {"lag": 0.5}


def test_an_empty_report_is_a_page_too():
    found = findings()
    assert found.verdict == "No claims. No figures."
    assert "No claims." in Page(render(found)).text


def test_formulas_become_mathml_and_the_rest_is_escaped():
    html = str(mathematics(r"If $\lambda_1 < 1$ & \[ \frac{a}{b} \]"))
    assert html.startswith("If <math")
    assert " &amp; <math" in html
    assert 'display="block"' in html
    assert "<mfrac>" in html


def test_what_is_no_latex_is_shown_as_it_is():
    assert str(formula(r"\frac{a")).startswith(("<code>", "<math"))


def test_every_formula_of_every_claim_becomes_mathml():
    for id in claims.names():
        statement = str(mathematics(claims.get(id).statement))
        assert "<code>" not in statement
        assert not re.search(r"\\[a-zA-Z]+|\$", re.sub(r"<annotation.*?</annotation>", "", statement))
