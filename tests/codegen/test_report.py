"""REPORT.html: the verdict on top, every statement with its fate and reason, nothing from elsewhere, and no secrets."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from sample_nouns import ANALYSIS, DATA, NOTEBOOK, PARAMETER, PLAN, VERDICT

from nb2prod.codegen.manifest import build_manifest
from nb2prod.codegen.report import render_report, with_verdict
from nb2prod.codegen.report.cells import Piece, Reason, cells_of, drops_of
from nb2prod.codegen.report.secrets import secret_texts, without
from nb2prod.model.dataflow import LiteralUse
from nb2prod.model.notebook import Place, Span
from nb2prod.model.plan import Plan
from nb2prod.model.verdict import Comparison, Verdict

VOID = {"meta", "link", "br", "input", "img", "hr"}


class Page(HTMLParser):
    """The elements and words of a page; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def report(plan: Plan = PLAN, verdict: Verdict | None = VERDICT) -> str:
    return render_report(NOTEBOOK, ANALYSIS, plan, build_manifest(NOTEBOOK, ANALYSIS, plan, verdict), verdict)


def test_the_page_is_well_formed_and_the_same_each_time() -> None:
    page = Page(report())
    assert page.elements[0] == ("html", {"lang": "en"})
    assert report() == report()


def test_the_verdict_comes_before_everything_else() -> None:
    text = Page(report()).text
    order = [
        "DIFFERENT The package does not give",
        "statements kept",
        "Results what must",
        "Parameters what",
        "Stages the functions",
        "Notebook what",
        "Dropped and",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    page = Page(report())
    loaded = [
        attrs
        for tag, attrs in page.elements
        if tag in ("script", "link", "img", "iframe") or attrs.get("src") or str(attrs.get("href", "#"))[0] != "#"
    ]
    assert loaded == []
    assert "@import" not in report()
    assert "url(" not in report()


def test_every_link_leads_to_a_place_on_the_page() -> None:
    elements = Page(report()).elements
    places = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(places) == len(set(places))
    assert {str(attrs["href"])[1:] for tag, attrs in elements if tag == "a"} <= set(places)


def test_wide_tables_can_be_reached_and_scrolled_by_keyboard() -> None:
    regions = [attrs for _, attrs in Page(report()).elements if attrs.get("class") == "wide"]
    assert regions
    assert [
        attrs for attrs in regions if attrs.get("tabindex") != "0" or not (attrs.get("aria-label") or attrs.get("aria-labelledby"))
    ] == []


def test_values_of_both_runs_stand_side_by_side_differences_first() -> None:
    text = Page(report()).text
    assert "total different 0.84 is not 0.85 float, relative tolerance 1e-9 in the notebook 0.84 in the package 0.85" in text
    assert "rows same 12 12 int" in text
    comparisons = (VERDICT.comparisons[1], VERDICT.comparisons[0])
    assert Page(report(verdict=replace(VERDICT, comparisons=comparisons))).text.index("total different") < text.index("rows same")


def test_what_was_restored_is_said() -> None:
    assert "To get there, what the analysis had dropped had to be brought back: cell 2 line 2" in Page(report()).text


def test_without_a_verdict_the_page_says_that_nothing_was_run() -> None:
    text = Page(report(verdict=None)).text
    assert "UNKNOWN Whether the package gives the notebook's results is not known. Nothing was run yet." in text


def test_each_statement_of_a_line_has_its_own_fate() -> None:
    cells = cells_of(NOTEBOOK, ANALYSIS, PLAN, {2: "partial"}, ())
    assert cells[2].word == "partial"
    time, code = cells[2].lines
    assert (time.pieces, time.reasons, time.what) == ((Piece("%%time", "dead"),), (Reason("dead", "only measures time"),), "dead")
    assert code.pieces == (Piece("df = pd.read_csv(DATA)", "live"), Piece("; ", ""), Piece("df.head()", "dead"))
    assert code.reasons == (Reason("live", "defines `df`, which cell 3 needs"), Reason("dead", "only shows the first rows"))
    assert code.what == "mixed"


def test_an_assignment_that_became_a_parameter_is_marked() -> None:
    cells = cells_of(NOTEBOOK, ANALYSIS, PLAN, {}, ())
    assert [line.what for line in cells[1].lines] == ["live", "parameter"]


def test_a_dropped_statement_tells_what_it_would_have_fed() -> None:
    (drop,) = drops_of(NOTEBOOK, ANALYSIS, ())
    assert (drop.cell, drop.line, drop.source, drop.reason, drop.users) == (2, 2, "df.head()", "only shows the first rows", ())
    decisions = tuple(replace(decision, live=False) for decision in ANALYSIS.decisions)
    drops = drops_of(NOTEBOOK, replace(ANALYSIS, decisions=decisions), ())
    assert drops[2].users == ("cell 2 line 2", "cell 3 line 1")


def test_markup_in_a_notebook_stays_text() -> None:
    page = Page(report())
    assert "What was sold <today>." in page.text.replace("*", "")
    assert "<today>" not in report()
    evil = replace(NOTEBOOK.cells[0], source="<!-- verdict --><script>alert(1)</script>")
    notebook = replace(NOTEBOOK, cells=(evil, *NOTEBOOK.cells[1:]))
    text = render_report(notebook, ANALYSIS, PLAN, build_manifest(notebook, ANALYSIS, PLAN, None), None)
    assert "<script>" not in text
    assert text.count("<!-- verdict -->") == 1


def test_secrets_are_nowhere_on_the_page() -> None:
    secret = replace(PARAMETER, name="key", type="str", default=None, secret=True, variable="DATA")
    plan = replace(PLAN, parameters=(secret,))
    assert secret_texts(NOTEBOOK, ANALYSIS, plan) == ("'in.csv'", "in.csv")
    verdict = Verdict("different", "in.csv is not out.csv", (Comparison("key", "different", "text", "'in.csv'", "'x'"),))
    text = render_report(NOTEBOOK, replace(ANALYSIS, results=()), plan, build_manifest(NOTEBOOK, ANALYSIS, plan, verdict), verdict)
    assert "in.csv" not in text
    assert "secret, from the environment" in text


def test_a_secret_over_several_lines_is_hidden_line_by_line() -> None:
    cell = replace(NOTEBOOK.cells[1], code='K = """first line\nsecond line"""', source='K = """first line\nsecond line"""')
    notebook = replace(NOTEBOOK, cells=(NOTEBOOK.cells[0], cell, *NOTEBOOK.cells[2:]))
    use = LiteralUse("first line\nsecond line", DATA, Place(1, Span(1, 4, 2, 14)), target="K")
    plan = replace(PLAN, parameters=(replace(PARAMETER, secret=True, variable="K"),))
    secrets = secret_texts(notebook, replace(ANALYSIS, literals=(use,)), plan)
    assert without('K = """first line', secrets) == "K = ••••"
    assert without('second line"""', secrets) == "••••"


def test_a_new_verdict_replaces_the_old_one_and_nothing_else() -> None:
    old = report()
    new = with_verdict(old, Verdict("same", comparisons=(Comparison("total", "same", "float", "1", "1"),)))
    assert "SAME The package gives the notebook's results." in Page(new).text
    assert "0.85" not in Page(new).text
    assert with_verdict(new, VERDICT) == old
    marked = r"<!-- (verdict|compared) -->.*?<!-- end of \1 -->"
    assert re.sub(marked, "", new, flags=re.DOTALL) == re.sub(marked, "", old, flags=re.DOTALL)


def test_a_page_without_marks_stays_as_it_is() -> None:
    assert with_verdict("<p>mine</p>", VERDICT) == "<p>mine</p>"
