"""The examples end with a report, and find what the READMEs of their data state. Figures are those of the READMEs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from pypdf import PdfReader

from examples import a_year_of_electricity, die_casting_shots, stack_hours_of_a_turbine
from forgecast.app.report import write_report
from forgecast.ground.finding import Finding
from forgecast.rules.verdict import Verdict
from forgecast.tasks.assessment import Assessment, KeyFigure
from tests.docs.pages import commands

EXAMPLES = ("a_year_of_electricity", "die_casting_shots", "stack_hours_of_a_turbine")
NOX = "gb_39726_2020/nox_gas_furnace/DA-GT"


def counted(findings: Iterable[Finding], column: str, *codes: str) -> int:
    return sum(f.count for f in findings if f.place.column == column and f.code in codes)


def figure(assessment: Assessment, name: str) -> KeyFigure:
    (found,) = [f for f in assessment.figures if f.id == name]
    return found


def nox(assessment: Assessment) -> Verdict:
    (found,) = [v for v in assessment.verdicts if v.id == NOX]
    return found


@pytest.fixture(scope="module")
def data(shared: Path) -> Path:
    return shared / "data"


@pytest.fixture(scope="module")
def year(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    return a_year_of_electricity.run(data, tmp_path_factory.mktemp("year") / "plant")


@pytest.fixture(scope="module")
def shots(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    return die_casting_shots.run(data, tmp_path_factory.mktemp("shots") / "plant")


@pytest.fixture(scope="module")
def turbine(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assessment]:
    folder = tmp_path_factory.mktemp("turbine")
    return {step: stack_hours_of_a_turbine.run(data, folder / step, step) for step in stack_hours_of_a_turbine.STEPS}


@pytest.mark.real_data
def test_the_year_has_365_wrong_midnights_and_no_other_doubt(year: Assessment) -> None:
    """README: "Parsed as written, 365 steps jump back"; "In file order the series is a gap-free 15-min year"."""
    assert counted(year.findings, "date", "midnight-of-same-day") == 365
    assert {f.code for f in year.findings} == {"midnight-of-same-day", "mixed-date-formats"}


@pytest.mark.real_data
def test_the_year_has_its_peak_its_load_factor_and_all_its_energy(year: Assessment) -> None:
    """README: 35,040 quarter hours, mean 27.387 kWh, max 157.18 kWh; four quarters make an hour."""
    peak, load = figure(year, "load_peak"), figure(year, "load_factor")
    assert peak.value == pytest.approx(4 * 157.18, rel=1e-12)
    assert "0 intervals missing" in peak.basis.say("en")
    # the README rounds the mean to half a unit of its third decimal
    assert load.value == pytest.approx(100 * 27.387 / 157.18, rel=5e-4 / 27.387)
    used = figure(year, "use_electricity")
    assert used.value == pytest.approx(35_040 * 27.387, rel=5e-4 / 27.387)
    assert [point.value is not None for point in used.trend] == [True] * 12
    assert used.slope_per_year is not None


@pytest.mark.real_data
def test_the_power_factor_of_a_month_lies_between_those_of_its_parts(year: Assessment) -> None:
    monthly = [point.value for point in figure(year, "power_factor").trend]
    assert len(monthly) == 12
    assert all(value is not None and 0.8 < value < 1.0 for value in monthly)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("column", "codes", "count"),
    [
        ("molten_volume", ("sentinel-value",), 44_995),  # "-1 ... in 49.9 % of labelled rows" of 90,177
        ("low_section_speed", ("sentinel-value",), 1),  # "65534 in 1 row"
        ("lower_mold_temp2", ("decimal-slip",), 4),  # "= 1449 in 4 rows"
        ("sleeve_temperature", ("decimal-slip", "out-of-range"), 3),  # "> 900 in 3"
        ("molten_temp", ("decimal-slip", "out-of-range"), 21),  # "< 200 in 21"
        ("physical_strength", ("out-of-range",), 14),  # "= 0 in 14"
        ("biscuit_thickness", ("decimal-slip",), 193),  # "> 150 in 193"
        ("registration_time", ("duplicate-time",), 289),  # "289 repeated time stamps"
    ],
)
def test_the_shots_have_the_defects_of_their_readme(
    shots: Assessment, column: str, codes: tuple[str, ...], count: int
) -> None:
    assert counted(shots.findings, column, *codes) == count


@pytest.mark.real_data
def test_trial_shots_are_no_scrap(shots: Assessment) -> None:
    """README: 90,177 shots, 1,894 trials all labelled reject; without them part a rejects 2.8 %, part b 0.35 %."""
    rate = figure(shots, "scrap_rate_shot")
    assert rate.value is not None
    assert 0.35 < rate.value < 2.8
    assert f"of {90_177 - 1_894} inspected" in rate.basis.say("en")
    assert "1894 trial" in rate.basis.say("en")
    months = {point.month: point.value for point in rate.trend}
    assert sorted(month for month, value in months.items() if value is not None) == ["2019-01", "2019-02", "2019-03"]


@pytest.mark.real_data
def test_the_hours_have_the_defects_of_their_readme(turbine: dict[str, Assessment]) -> None:
    """README: "7 duplicate rows"; "NO time stamps" in 36,733 rows; "Relative humidity reaches 100.2 %"."""
    findings = turbine["as_it_is"].findings
    assert counted(findings, "", "duplicate-row") == 7
    assert counted(findings, "", "assumed-time") == 36_733
    (humid,) = [f for f in findings if f.code == "out-of-range"]
    assert (humid.place.column, humid.value) == ("AH", "100.2")


@pytest.mark.real_data
def test_one_series_gets_three_verdicts(turbine: dict[str, Assessment]) -> None:
    words = {step: str(nox(assessment).word) for step, assessment in turbine.items()}
    assert words == {"as_it_is": "not applicable", "of_2024": "not known", "assumed": "met"}
    assert any("2021-01-01" in reason.say("en") for reason in nox(turbine["as_it_is"]).reasons)
    assert any("dry gas" in missing.say("en") for missing in nox(turbine["of_2024"]).missing)


@pytest.mark.real_data
def test_every_hour_of_2015_is_judged_by_the_limit_of_2024(turbine: dict[str, Assessment]) -> None:
    """README: 7,384 rows of 2015; 2024 has 8,784 hours. GB 39726-2020, Table 1: NOx of a gas furnace 400 mg/m3."""
    verdict = nox(turbine["assumed"])
    assert (verdict.hours_valid, verdict.hours_expected, verdict.hours_over) == (7_384, 8_784, 0)
    assert verdict.limit is not None
    assert (verdict.limit.value, str(verdict.limit.clause)) == (400.0, "4.1, Table 1")


@pytest.mark.real_data
@pytest.mark.parametrize("step", ["of_2024", "assumed"])
def test_what_is_assumed_says_so_first_and_in_every_name(turbine: dict[str, Assessment], step: str) -> None:
    assessment = turbine[step]
    assert assessment.findings[0].code == "assumed-by-example"
    assert {"assumed-time", "rows-left-out"} <= {f.code for f in assessment.findings}
    assert "ASSUMED" in assessment.plant_name
    assert "假定" in assessment.plant_name
    assert "ASSUMED" in nox(assessment).subject_name


@pytest.mark.real_data
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_reports_are_pdf_and_say_what_the_data_are(
    turbine: dict[str, Assessment], tmp_path: Path, language: str
) -> None:
    write_report(turbine["assumed"], tmp_path / "report.pdf", language)  # type: ignore[arg-type]
    first = PdfReader(tmp_path / "report.pdf").pages[0].extract_text()
    assert "ASSUMED" in first
    assert "假定" in first


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_script_ends_with_its_reports_and_can_be_run_again(name: str, root: Path, data: Path, tmp_path: Path) -> None:
    words = [sys.executable, str(root / "examples" / f"{name}.py"), "--data", str(data), "--out", str(tmp_path / "out")]
    for _ in range(2):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    reports = sorted((tmp_path / "out").glob("*.pdf"))
    assert len(reports) >= 2
    assert len(reports) == len(list((tmp_path / "out").glob("*.html")))
    assert all(path.read_bytes().startswith(b"%PDF-") for path in reports)
    assert str(reports[0]) in done.stdout


def test_the_shots_may_not_be_put_into_the_repository(root: Path) -> None:
    words = [sys.executable, str(root / "examples" / "die_casting_shots.py"), "--data", "x", "--out", str(root / "x")]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "internal use only" in done.stderr
    assert not (root / "x").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["measure_a_part", "gate_a_plate", "a_die_over_its_cycles", "identify_an_interface"])
def test_a_script_of_castings_prints_its_table(name: str, root: Path, tmp_path: Path) -> None:
    words = [sys.executable, str(root / "examples" / f"{name}.py")]
    done = subprocess.run(
        words, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "─" in done.stdout
    assert list(tmp_path.iterdir()) == []


SCRIPTS = sorted(path.stem for path in Path(__file__).resolve().parents[2].glob("examples/*.py"))


def test_every_script_is_run_by_a_test(root: Path) -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in (root / "tests").rglob("test_*.py"))
    assert [name for name in SCRIPTS if name not in said] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_example_is_short_and_both_pages_list_it(name: str, root: Path) -> None:
    lines = (root / "examples" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 80
    for page in ("README.md", "README.zh.md"):
        assert f"]({name}.py)" in (root / "examples" / page).read_text(encoding="utf-8")


def test_both_pages_give_the_same_commands(root: Path) -> None:
    english, chinese = (commands((root / "examples" / p).read_text("utf-8")) for p in ("README.md", "README.zh.md"))
    assert english == chinese
