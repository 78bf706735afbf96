"""An assessment of the sample plant finds each planted trouble, as often as it was planted, and nothing else."""

from __future__ import annotations

from datetime import date, datetime
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from forgecast.ground.dates import Period
from forgecast.ground.finding import Finding
from forgecast.rules.verdict import Force, Verdict, Word
from forgecast.sample.trouble import SampleManifest, Trouble
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.balance_sand import balance_sand_of
from forgecast.tasks.check_waste import check_waste
from forgecast.tasks.import_files import ImportReport, import_files


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("assessed") / "plant"


@pytest.fixture(scope="module")
def plant(sample: SampleManifest, path: Path) -> tuple[ImportReport, Assessment]:
    settings = PlantSettings(id="sample", name="Sample foundry (synthetic)", synthetic=True)
    with PlantFolder.create(path, settings) as folder:
        report = import_files(folder, sample.files)
        return report, assess_plant(folder)


@pytest.fixture(scope="module")
def in_books(plant: tuple[ImportReport, Assessment], path: Path) -> tuple[list[Finding], dict[str, list[Finding]]]:
    """Return what the waste book of the year says, and the sand book of each month."""
    assert plant[0].files
    year = Period(date(2025, 1, 1), date(2026, 1, 1))
    firsts = [date(2025, month, 1) for month in range(1, 13)]
    with PlantFolder.open(path) as folder:
        sand = {
            f"{first:%Y-%m}": list(balance_sand_of(folder, Period(first, end), relative_uncertainty=0.01).findings)
            for first, end in pairwise([*firsts, year.end])
        }
        return list(check_waste(folder, year).findings), sand


def _speaks_of(verdict: Verdict, trouble: Trouble) -> bool:
    return trouble.kind == "verdict" and fnmatchcase(verdict.id, trouble.expected) and verdict.word == trouble.word


#: Books of titles and aids that the plant has not asked for: not to have them is no trouble.
TITLES = {"champion_2023", "green_factory_2025", "incentives", "smart_factory_2025", "sme_ladder_2026"}


def _left_open(verdict: Verdict) -> bool:
    """Return whether a verdict speaks of no trouble of the plant: a title not sought, or a gap of the book alone."""
    if verdict.book in TITLES and verdict.force is Force.GOAL:
        return True
    # GB 9078-1996 compares at an excess of air that was not read.
    unread = verdict.book == "gb_9078_1996" and any("excess of air" in str(reason) for reason in verdict.reasons)
    own_copy = any("from your own copy" in str(missing) for missing in verdict.missing)
    return verdict.word is Word.NOT_KNOWN and (unread or own_copy)


def test_every_file_is_taken_whole(plant: tuple[ImportReport, Assessment], sample: SampleManifest) -> None:
    report, _ = plant
    assert [file.name for file in report.files if file.refused is not None or file.already_in] == []
    new = sum(fed.new for file in report.files for fed in file.fed)
    # All that was written, but the row without its fate and the readings that stand in a file twice.
    repeated = next(trouble.count for trouble in sample.planted if trouble.id == "repeated-stamps")
    assert new == sum(sample.rows.values()) + sample.readings - repeated - 1


def test_every_planted_trouble_is_found(
    plant: tuple[ImportReport, Assessment],
    in_books: tuple[list[Finding], dict[str, list[Finding]]],
    sample: SampleManifest,
) -> None:
    _, assessment = plant
    waste, sand = in_books
    findings = [*assessment.findings, *waste, *(finding for month in sand.values() for finding in month)]
    seen = {}
    for trouble in sample.planted:
        if trouble.kind == "finding":
            seen[trouble.id] = sum(finding.code == trouble.expected for finding in findings)
        else:
            seen[trouble.id] = sum(_speaks_of(verdict, trouble) for verdict in assessment.verdicts)
    assert seen == {trouble.id: trouble.found for trouble in sample.planted}


def test_nothing_else_is_found(plant: tuple[ImportReport, Assessment], sample: SampleManifest) -> None:
    _, assessment = plant
    codes = {trouble.expected for trouble in sample.planted if trouble.kind == "finding"}
    assert [str(f.place) + " " + f.code for f in assessment.findings if f.code not in codes] == []
    good = (Word.MET, Word.NOT_APPLICABLE)
    other = [
        v
        for v in assessment.verdicts
        if v.word not in good and not _left_open(v) and not any(_speaks_of(v, t) for t in sample.planted)
    ]
    assert [(verdict.id, verdict.word) for verdict in other] == []


def test_the_books_of_waste_and_sand_show_what_was_planted_and_nothing_else(
    in_books: tuple[list[Finding], dict[str, list[Finding]]], sample: SampleManifest
) -> None:
    planted = {trouble.id: trouble for trouble in sample.planted}
    waste, sand = in_books
    assert [finding.code for finding in waste] == ["transfer-mass-differs"]
    assert f"{waste[0].place.row}:{waste[0].place.column}" == planted["manifest-differs"].place
    odd = [f"new_sand:{month}" for month, found in sand.items() if found]
    assert odd == [planted["sand-without-record"].place]


def test_the_planted_places_and_hours_are_the_found_ones(
    plant: tuple[ImportReport, Assessment], sample: SampleManifest
) -> None:
    _, assessment = plant
    planted = {trouble.id: trouble for trouble in sample.planted}
    week = next(v for v in assessment.verdicts if _speaks_of(v, planted["over-limit-week"]))
    assert week.hours_over == planted["over-limit-week"].count
    stretches = sorted(
        datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
        for exceedance in week.exceedances
        for moment in (exceedance.start, exceedance.end)
    )
    assert (stretches[0], stretches[-1]) == (planted["over-limit-week"].start, planted["over-limit-week"].end)
    by_code = {finding.code: finding for finding in assessment.findings}
    assert by_code["sentinel-value"].count == planted["sentinel-values"].count
    assert by_code["day-first-date"].count == planted["day-first-dates"].count
    repeats = [f for f in assessment.findings if f.code == "duplicate-time"]
    assert sum(f.count for f in repeats) == planted["repeated-stamps"].count
    assert planted["repeated-stamps"].place in {f"{f.place.row}-{f.place.last_row}" for f in repeats}
    assert f"{by_code['missing-required'].place.row}:fate" == planted["waste-without-fate"].place
    for trouble_id in ("decimal-slip", "sentinel-values", "waste-without-fate", "day-first-dates", "lapsed-permit"):
        trouble = planted[trouble_id]
        assert by_code[trouble.expected].place.file.startswith(trouble.file), trouble_id
