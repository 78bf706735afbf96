"""Files into a plant: each wholly or not at all, none twice, and whatever is wrong is said."""

from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forgecast.ground.errors import ForgecastError, ImportRefusedError, PlantError
from forgecast.ground.finding import Severity
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import Fed, SomeRefusedError, import_files
from forgecast.tasks.new_plant import new_plant

HEATS = "id,tapped_at,furnace,alloy,mass (kg)\nH1,2025-03-01 08:00,F1,QT450,900\nH2,2025-03-01 09:00,F1,QT450,910\n"
TAGS = "id,measures,unit\nS1-NOx,nox,mg/m3\n"
READINGS = "time,S1-NOx\n" + "".join(f"2025-03-01 {h:02d}:{m:02d},{100 + m}\n" for h in range(3) for m in range(60))


@pytest.fixture
def plant(tmp_path):
    new_plant(tmp_path / "plant", name="一号厂")
    with PlantFolder.open(tmp_path / "plant") as opened:
        yield opened


@pytest.fixture
def write(tmp_path):
    def write_file(name: str, content: str | bytes, folder: str = "files") -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return write_file


def _held(plant):
    return plant.records.imports(), plant.records.read("heat"), plant.telemetry.spans(), plant.records.findings()


def test_records_and_series_go_in_and_say_what_they_did(plant, write):
    files = [write("tag.csv", TAGS), write("heat.csv", HEATS), write("readings.csv", READINGS)]
    report = import_files(plant, files)
    assert [(file.name, file.fed) for file in report.files] == [
        ("tag.csv", (Fed("tag", 1, 0, 0, 0),)),
        ("heat.csv", (Fed("heat", 2, 0, 0, 0),)),
        ("readings.csv", (Fed("series", 180, 0, 0, 0),)),
    ]
    assert report.as_json()["ok"] is True
    heat = plant.records.read("heat", id="H2")[0]
    assert (heat["mass"], heat.place("mass")) == (910.0, "heat.csv:3:mass")
    # 08:00 in Shanghai is 00:00 UTC.
    assert heat["tapped_at"] == 1_740_790_800_000_000
    assert plant.telemetry.hourly(["S1-NOx"]).n.sum() == 180


def test_the_same_file_is_taken_once_also_under_another_name(plant, write):
    import_files(plant, [write("heat.csv", HEATS)])
    before = _held(plant)
    report = import_files(plant, [write("heat.csv", HEATS), write("heats_copy.csv", HEATS)])
    assert [file.already_in for file in report.files] == [True, True]
    assert _held(plant) == before


def test_a_file_may_be_taken_again_on_purpose(plant, write):
    path = write("heat.csv", HEATS)
    import_files(plant, [path])
    import_files(plant, [write("heat_b.csv", HEATS.replace("900", "950"))])
    assert plant.records.read("heat", id="H1")[0]["mass"] == 950.0
    report = import_files(plant, [path], again=True)
    assert report.files[0].fed[0].changed == 1
    assert plant.records.read("heat", id="H1")[0]["mass"] == 900.0


def test_the_same_file_with_another_map_is_another_import(plant, write):
    path = write("melt.csv", "No;Zeit;Ofen;Leg;m\nH1;01.03.2025 08:00;F1;QT450;900\n")
    unit = """[[file]]
match = "melt.csv"
record = "heat"
[file.columns]
No = "id"
Zeit = "tapped_at"
Ofen = "furnace"
Leg = "alloy"
m = {{ field = "mass", unit = "{unit}" }}
[file.time]
format = "%d.%m.%Y %H:%M"
"""
    import_files(plant, [path], map_path=write("kg.toml", unit.format(unit="kg")))
    assert plant.records.read("heat")[0]["mass"] == 900.0
    again = import_files(plant, [path], map_path=write("kg.toml", unit.format(unit="kg")))
    assert again.files[0].already_in
    import_files(plant, [path], map_path=write("lb.toml", unit.format(unit="lb")))
    assert plant.records.read("heat")[0]["mass"] == pytest.approx(900 * 0.45359237, rel=1e-12)


def test_a_map_without_an_entry_for_the_file_is_said(plant, write):
    other = write("other.toml", '[[file]]\nmatch = "nothing*"\nrecord = "heat"\n')
    report = import_files(plant, [write("heat.csv", HEATS)], map_path=other)
    assert "no-map-entry" in {finding.code for finding in report.findings}


def test_one_refused_file_of_several_stops_only_itself(plant, write):
    good, bad, later = write("heat.csv", HEATS), write("notes.csv", "just,words\n1,2\n"), write("tag.csv", TAGS)
    with pytest.raises(SomeRefusedError) as caught:
        import_files(plant, [good, bad, later])
    error = caught.value
    assert error.exit_code == 2
    assert [file.refused is None for file in error.report.files] == [True, False, True]
    assert "notes.csv" in str(error.as_json())
    assert plant.records.filled() == {"heat", "tag"}
    assert [file.name for file in plant.records.imports()] == ["heat.csv", "tag.csv"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.csv", "just,words\n1,2\n"),
        ("heat.csv", ""),
        ("heat.xlsx", b"PK\x03\x04 no workbook"),
        ("readings.parquet", b"PAR1 torn"),
        ("heat.csv.gz", gzip.compress(HEATS.encode(), mtime=0)[:-9]),
        ("heat.csv", "id,furnace\nH1,F1\n"),
    ],
)
def test_a_refused_file_changes_nothing(plant, write, name, content):
    import_files(plant, [write("heat.csv", HEATS, "before")])
    before = _held(plant)
    with pytest.raises(ForgecastError) as caught:
        import_files(plant, [write(name, content)])
    assert caught.value.exit_code == 2
    assert caught.value.repair.say("en")
    assert _held(plant) == before


@pytest.mark.parametrize("kind", ["absent", "folder"])
def test_what_is_no_file_is_refused(plant, tmp_path, kind):
    path = tmp_path / "heat.csv"
    if kind == "folder":
        path.mkdir()
    with pytest.raises(ImportRefusedError) as caught:
        import_files(plant, [path])
    assert caught.value.where == str(path)


def test_tags_nobody_described_are_named_once_a_file(plant, write):
    long = "tag,time,value\n" + "".join(f"X{k},2025-03-01 08:0{k},1\n" for k in range(7))
    report = import_files(plant, [write("long.csv", long)])
    note = next(finding for finding in report.findings if finding.code == "undescribed-tag")
    assert (note.severity, note.count) == (Severity.NOTE, 7)
    assert "X0" in note.reason.say("en")
    assert "tag.csv" in note.repair.say("en")


def test_refused_values_are_counted_and_kept_as_findings(plant, write):
    path = write("heat.csv", HEATS + "H3,,F1,QT450,920\n")
    report = import_files(plant, [path])
    fed = report.files[0].fed[0]
    assert (fed.new, fed.refused) == (2, 1)
    assert plant.records.findings() == report.findings
    assert plant.records.imports()[0].counts["rows_refused"] == 1


def test_the_finding_goes_when_the_file_was_corrected(plant, write):
    import_files(plant, [write("heat.csv", HEATS + "H3,,F1,QT450,920\n")])
    assert [f.severity for f in plant.records.findings()] == [Severity.REFUSED]
    import_files(plant, [write("heat.csv", HEATS + "H3,2025-03-01 10:00,F1,QT450,920\n")])
    assert [f for f in plant.records.findings() if f.severity == Severity.REFUSED] == []


def test_the_progress_rises_to_one(plant, write):
    told = []
    import_files(plant, [write("tag.csv", TAGS), write("readings.csv", READINGS)], progress=told.append)
    assert told == sorted(told)
    assert told[0] < 0.2
    assert told[-1] == pytest.approx(1.0)


def test_a_file_that_changes_while_it_is_read_is_refused(plant, write, monkeypatch):
    from forgecast.tasks import import_files as module

    path = write("heat.csv", HEATS)
    real = module.take_pieces

    def meanwhile(*args, **more):
        yield from real(*args, **more)
        path.write_text(HEATS + "H9,2025-03-01 10:00,F1,QT450,9\n", encoding="utf-8")

    monkeypatch.setattr(module, "take_pieces", meanwhile)
    with pytest.raises(ImportRefusedError, match="changed while it was read"):
        import_files(plant, [path])
    assert plant.records.filled() == frozenset()


def test_a_busy_plant_is_said_and_nothing_changed(plant, write, tmp_path):
    from forgecast.store.importing import Source

    with (
        PlantFolder.open(tmp_path / "plant", busy_timeout_s=0.05) as other,
        plant.importing(Source("a", "a", "a", 1)),
        pytest.raises(PlantError, match="another import is writing"),
    ):
        import_files(other, [write("heat.csv", HEATS)])


def test_a_new_plant_takes_its_id_from_its_folder(tmp_path):
    new_plant(tmp_path / "一号厂 No. 1", name="一号厂", zone_name="Europe/Berlin", synthetic=True)
    with PlantFolder.open(tmp_path / "一号厂 No. 1") as plant:
        assert (plant.settings.id, plant.settings.zone, plant.settings.synthetic) == ("No.-1", "Europe/Berlin", True)
    new_plant(tmp_path / "厂", name="厂")
    with PlantFolder.open(tmp_path / "厂") as plant:
        assert plant.settings.id == "plant"


CELLS = st.one_of(
    st.text(max_size=8), st.sampled_from(["", "H1", "2025-03-01 08:00", "F1", "1e400", "-1", "nan", "９００"])
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=st.lists(st.lists(CELLS, max_size=7), max_size=5), tail=st.binary(max_size=20))
def test_whatever_a_file_holds_it_is_taken_or_refused_with_words(plant, tmp_path, rows, tail):
    content = (HEATS + "\n".join(",".join(row) for row in rows)).encode("utf-8", "replace") + tail
    path = tmp_path / "heat.csv"
    path.write_bytes(content)
    before = _held(plant)
    with contextlib.suppress(ForgecastError):  # any other error fails the test
        assert len(import_files(plant, [path]).files) == 1
        return
    assert _held(plant) == before


def test_what_is_checked_against_the_rest_is_taken_last_whatever_its_place(plant, write):
    files = [
        write("a_shipment_item.csv", "shipment,piece\nD1,P1\n"),
        write(
            "b_decided.csv", "subject,subject_id,decided_at,decision,decided_by\nheat,H1,2025-03-02 08:00,release,Q1\n"
        ),
        write("heat.csv", HEATS),
        write("piece.csv", "id,product,made_at,heat,result\nP1,C1,2025-03-01 08:20,H1,good\n"),
        write("shipment.csv", "id,customer,shipped_at\nD1,K1,2025-03-03 08:00\n"),
    ]
    report = import_files(plant, files)
    assert [file.name for file in report.files][-2:] == ["b_decided.csv", "a_shipment_item.csv"]
    assert report.findings == ()
    assert [fed.new for fed in report.files[-1].fed] == [1]
