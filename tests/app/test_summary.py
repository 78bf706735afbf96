"""The terminal: the same content as the report, aligned at 80 and 120 columns, without colour where there is none."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from rich.cells import cell_len
from rich.console import Console

from forgecast.app.cli.summary import show_assessment, show_findings, show_why
from forgecast.app.report.words import LABELS
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Language, bilingual
from forgecast.rules.verdict import TraceNode, Verdict, Word
from forgecast.tasks.assessment import Assessment
from tests.app.made_up_assessment import HOSTILE

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def said(width: int, show: object, *arguments: object, **named: object) -> str:
    out = io.StringIO()
    show(*arguments[:1], Console(file=out, width=width), *arguments[1:], **named)  # type: ignore[operator]
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_fits_and_is_complete(synthetic: Assessment, language: Language, width: int) -> None:
    shown = said(width, show_assessment, synthetic, language, plant_path="my plant")
    assert all(cell_len(line) <= width for line in shown.splitlines())
    assert "\x1b" not in shown
    for verdict in synthetic.verdicts:
        if verdict.word is Word.NOT_MET:
            assert verdict.id in shown
    order = [shown.index(f"{LABELS[name].say(language)}  ") for name in ("quality", "not_met", "partly", "not_known")]
    assert order == sorted(order)
    assert LABELS["synthetic"].say(language)[:12] in shown
    assert '"my plant"' in shown
    assert "\u00a0" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_limits_end_in_one_column_whatever_the_script(synthetic: Assessment, language: Language) -> None:
    shown = said(80, show_assessment, synthetic, language)
    ends = {cell_len(line.rstrip()) for line in shown.splitlines() if line[:1] in "✗~" and "mg/m³" in line}
    assert len(ends) == 1


def test_what_users_wrote_is_no_markup_of_the_terminal(synthetic: Assessment) -> None:
    assert "[*a*]" in said(120, show_assessment, synthetic, "en")
    assert HOSTILE[:20] in said(120, show_findings, synthetic.findings, "en")


def test_findings_name_every_place(synthetic: Assessment) -> None:
    shown = said(100, show_findings, synthetic.findings, "en")
    for finding in synthetic.findings:
        assert finding.place.file in shown
    assert "No defect" in said(100, show_findings, (), "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_goes_down_to_file_and_row(synthetic: Assessment, language: Language) -> None:
    verdict = next(verdict for verdict in synthetic.verdicts if verdict.exceedances)
    shown = said(100, show_why, verdict, language)
    assert verdict.id in shown
    for node in walk(verdict.tree):
        assert node.place in shown
    assert all(cell_len(line) <= 100 for line in shown.splitlines())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_assessment_says_so(calm: Assessment, language: Language) -> None:
    shown = said(80, show_assessment, calm, language)
    for name in ("no_findings", "none_not_met", "none_not_known", "no_figures", "no_files"):
        assert LABELS[name].say(language) in shown
    assert LABELS["synthetic"].say(language) not in shown


def test_a_plain_assessment_never_waits_for_charts_and_typesetting() -> None:
    code = "import sys, forgecast.app.cli.summary; print({'matplotlib', 'typst', 'fontTools'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"


def walk(node: TraceNode) -> list[TraceNode]:
    return [node, *(below for child in node.children for below in walk(child))]


def test_every_verdict_has_a_way(synthetic: Assessment) -> None:
    def one(verdict: Verdict) -> str:
        return said(80, show_why, verdict, "en")

    assert all(verdict.id.split("/")[-1] in one(verdict) for verdict in synthetic.verdicts)


def test_a_unit_in_brackets_is_shown_and_not_taken_for_markup() -> None:
    finding = Finding(
        "unit-missing",
        Severity.REFUSED,
        Place("heats.csv", column="mass"),
        "",
        bilingual("`mass` [bold] has no unit", "“质量”[bold]未注明单位"),
        bilingual("write it as in mass [kg]", "请写作 质量[kg]"),
    )
    shown = said(100, show_findings, (finding,), "en")
    assert "write it as in mass [kg]" in shown
    assert "[bold]" in shown
