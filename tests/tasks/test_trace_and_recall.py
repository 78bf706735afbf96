"""Traces and recalls of a plant folder: every link with its row, facts on the way, sensor events, the kept graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forgecast.ground.dates import CHINA, HOUR_US, local_to_us
from forgecast.ground.errors import ForgecastError
from forgecast.plant.lineage import Relation
from forgecast.plant.lineage_names import COLUMNS
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks import lineage_of_plant as kept
from forgecast.tasks.exposed_subjects import exposed_subjects
from forgecast.tasks.import_files import import_files
from forgecast.tasks.lineage_of_plant import lineage_of_plant
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.recall_pieces import recall_pieces
from forgecast.tasks.trace_piece import trace
from tests.tasks.making import made_plant

MADE_UP = Path(__file__).parents[2] / "examples" / "plants" / "heat_17"


def local(words: str) -> int:
    return int(local_to_us(np.array([np.datetime64(words, "us").astype(np.int64)]), CHINA)[0])


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("heat_17") / "plant"
    new_plant(folder, name="Made up")
    with PlantFolder.open(folder) as opened:
        for part in ("made", "sent"):
            report = import_files(opened, sorted((MADE_UP / part).glob("*.csv")))
            assert [finding for file in report.files for finding in file.findings] == []
        yield opened


def test_every_link_says_its_file_and_row(plant):
    found = trace(plant, "piece", "P32")
    said = {(one.parent, one.child): one for one in found.links}
    # The header is row 1; M32 is the second mould of ladle 17-3, whose number is written down.
    assert said[("ladle", "17-3"), ("mould", "M32")].source == "mould.csv:33"
    assert said[("ladle", "17-3"), ("mould", "M32")].recorded
    assert said[("mould", "M32"), ("piece", "P32")].source == "piece.csv:33"
    assert said[("lot", "PI-221"), ("heat", "17")].source == "charge_item.csv:3"
    assert said[("lot", "NI-07"), ("ladle", "17-3")].source == "treatment.csv:7"
    assert found.source == "piece.csv:33"
    assert found.sources["heat", "17"] == "heat.csv:3"


def test_a_link_that_follows_from_times_says_so_and_which_record_would_settle_it(plant):
    found = trace(plant, "piece", "P36")
    poured = [one for one in found.links if one.relation is Relation.POURED]
    assert {one.parent[1] for one in poured} == {"17-3", "18-1"}
    assert not any(one.recorded for one in poured)
    assert sum(one.probability for one in poured) == pytest.approx(1.0)
    assert any("`mould.ladle`" in one.say("en") and "M36" in one.say("en") for one in found.further)


def test_facts_on_the_way_hang_on_their_subjects(plant):
    found = trace(plant, "piece", "P32")
    assert ("sample", ("heat", "17"), "sample.csv:3") in {(o.record, o.subject, o.source) for o in found.attached}
    assert {one.record for one in found.attached} == {"sample", "treatment", "piece"}


def test_the_chart_of_a_furnace_load_is_told_from_going_in_to_coming_out(tmp_path):
    hours = np.full(48, 300.0)
    hours[9:13] = [880.0, 905.0, 902.0, 640.0]  # means of the hours that begin at 09:00 … 12:00
    folder = made_plant(
        tmp_path / "x",
        {
            "equipment": "id,kind\nHF,heat_treatment_furnace",
            "tag": "id,measures,unit,equipment\nT1,gas_temperature,degC,HF",
            "product": "id,name\nP,Part",
            "piece": "id,product,made_at\np,P,2025-01-01 01:00",
            "heat_treatment": "id,furnace,process,started_at,ended_at,chart\n"
            "T,HF,annealing,2025-01-01 10:00,2025-01-01 12:00,T1",
            "heat_treatment_load": "heat_treatment,piece\nT,p",
        },
        {"T1": hours},
    )
    with PlantFolder.open(folder) as opened:
        (chart,) = [one for one in trace(opened, "piece", "p").attached if one.record == "chart"]
    # Stamped with the end of the hour: 10:00, 11:00 and 12:00 lie within.
    assert (chart.values["lowest"], chart.values["highest"], chart.values["readings"]) == (880.0, 905.0, 3)
    assert chart.subject == ("heat_treatment", "T")


def test_forward_of_a_heat_and_backward_of_its_pieces_say_the_same(plant):
    forth = {(one.kind, one.name): one for one in trace(plant, "heat", "17", forward=True).kin}
    for name in ("P20", "P36", "TUMBLER-2"):
        back = {(one.kind, one.name): one for one in trace(plant, "piece", name).kin}
        assert back["heat", "17"].probability == pytest.approx(forth["piece", name].probability)
        assert back["heat", "17"].share == pytest.approx(forth["piece", name].share)


def test_a_sample_stands_for_what_it_was_taken_from(plant):
    assert (trace(plant, "sample", "SP-17").kind, trace(plant, "sample", "SP-17").name) == ("heat", "17")
    assert (
        recall_pieces(plant, "sample", "SP-17").figures.possible == recall_pieces(plant, "heat", "17").figures.possible
    )


def test_a_recall_of_a_heat_says_who_has_what(plant):
    found = recall_pieces(plant, "heat", "17", least_share=0.05)
    # 18 moulds of two pieces are of heat 17; where ladles overlap, the sum of the probabilities is still 36 or so.
    assert found.figures.expected[1] == pytest.approx(36.0, abs=1.5)
    units = {(one.piece, one.shipment): one for one in found.units}
    assert units["TUMBLER-3", "D-902"].probability > 0.9
    assert units["TUMBLER-2", "D-901"].count == 10
    assert set(found.customers) == {"Customer A (made up)", "Customer B (made up)"}
    assert sum(count for count, _ in found.customers.values()) == found.pieces("shipped")[0]
    assert sum(found.pieces(where)[0] for where in ("shipped", "stock", "gone")) == found.figures.possible


def test_numbers_are_those_of_all_units_though_few_are_listed(plant):
    some, every = (recall_pieces(plant, "heat", "17", most_units=most) for most in (2, None))
    assert (len(some.units), some.not_listed) == (2, len(every.units) - 2)
    assert some.where == every.where
    for where in ("shipped", "stock", "gone"):
        mine = [one for one in every.units if one.where == where]
        expected = sum(one.count * one.probability for one in mine)
        assert every.pieces(where) == (sum(one.count for one in mine), pytest.approx(expected))


def test_less_confidence_needs_fewer_pieces(plant):
    wide, narrow = (recall_pieces(plant, "heat", "18", least_share=0.05, confidence=c) for c in (0.999999, 0.5))
    assert narrow.figures.enough < wide.figures.enough
    assert narrow.figures.reached >= 0.5


def test_a_furnace_alarm_recalls_the_load_that_was_in_it(plant):
    found = recall_pieces(plant, equipment="HF2", since=local("2025-03-04T20:00"), until=local("2025-03-04T21:00"))
    assert [(one.kind, one.name, one.low) for one in found.sources] == [("heat_treatment", "HT-31", 1.0)]
    assert {one.piece for one in found.units} == {"TUMBLER-1", "TUMBLER-2"}
    assert found.figures.certain == 48
    # HT-32 goes in at 01:00 sharp; an alarm that ends then may or may not have met it.
    edge = recall_pieces(plant, equipment="HF2", since=local("2025-03-05T00:30"), until=local("2025-03-05T01:00"))
    (one,) = edge.sources
    assert (one.name, one.low, one.probability, one.high) == ("HT-32", 0.0, pytest.approx(0.5), 1.0)
    assert edge.figures.expected[1] == pytest.approx(24.0)


def test_a_melting_furnace_without_charging_times_holds_a_heat_since_the_one_before(plant):
    found = exposed_subjects(plant, "F1", local("2025-03-04T07:10"), local("2025-03-04T07:20"), 30.0)
    assert [(one.name, one.low) for one in found] == [("17", 1.0)]


def test_a_shot_at_the_edge_of_a_stretch_is_in_it_as_surely_as_the_clocks_tell(tmp_path):
    folder = made_plant(
        tmp_path / "x",
        {
            "equipment": "id,kind\nDC1,die_casting_machine",
            "shot": "id,shot_at,die,machine\na,2025-03-03 10:00:30,7,DC1\nb,2025-03-03 10:30:00,7,DC1\n"
            "c,2025-03-03 09:59:30,7,DC1\nd,2025-03-03 09:00:00,7,DC1",
        },
    )
    with PlantFolder.open(folder) as opened:
        found = exposed_subjects(opened, "DC1", local("2025-03-03T10:00"), local("2025-03-03T11:00"), 30.0)
    said = {one.name: (one.low, one.probability, one.high) for one in found}
    # One standard uncertainty inside, and outside; tables of the normal distribution: 0.8413, 0.1587.
    assert said["a"] == (0.0, pytest.approx(0.8413, abs=1e-4), 1.0)
    assert said["b"] == (1.0, 1.0, 1.0)
    assert said["c"] == (0.0, pytest.approx(0.1587, abs=1e-4), 1.0)
    assert "d" not in said


def test_a_batch_is_recalled_with_marked_pieces_taken_out_of_it_whatever_their_heat(tmp_path):
    folder = made_plant(
        tmp_path / "x",
        {
            "equipment": "id,kind\nF1,induction_furnace\nB1,shot_blast",
            "heat": "id,tapped_at,furnace\n17,2025-03-03 08:00,F1",
            "product": "id,name\nP,Part",
            "piece": "id,product,made_at,heat,count\nb,P,2025-03-03 08:05,17,4\np,P,2025-03-03 08:05,17,1",
            "operation": "id,piece,kind,machine,started_at,ended_at\n"
            "1,b,shot_blasting,B1,2025-03-03 10:00,2025-03-03 10:20",
            "batch_step": "id,at,kind,from_piece,to_piece,count\n1,2025-03-03 12:00,mark,b,p,1",
        },
    )
    with PlantFolder.open(folder) as opened:
        whole = recall_pieces(opened, "piece", "b")
        blasted = recall_pieces(
            opened, equipment="B1", since=local("2025-03-03T10:05"), until=local("2025-03-03T10:10")
        )
    for found in (whole, blasted):
        assert {one.piece: one.probability for one in found.units} == {"b": 1.0, "p": 1.0}
        assert found.figures.untraced == 0
    assert whole.figures.certain == 4


def test_wrong_calls_are_refused_with_a_repair(plant):
    for call in (
        {"kind": "heat", "name": "99"},
        {"equipment": "nobody", "since": 0, "until": 1},
        {"equipment": "F1", "since": HOUR_US, "until": 0},
        {"equipment": "F1"},
        {"kind": "heat", "name": "17", "confidence": 0.0},
        {"kind": "heat", "name": "17", "least_share": 0.0},
        {"kind": "sample", "name": "none"},
    ):
        with pytest.raises(ForgecastError) as refused:
            recall_pieces(plant, **call)
        assert refused.value.repair.say("en")


def test_scrapped_pieces_are_in_the_recall_but_neither_shipped_nor_in_stock(tmp_path):
    folder = made_plant(
        tmp_path / "x",
        {
            "equipment": "id,kind\nF1,induction_furnace",
            "heat": "id,tapped_at,furnace\n17,2025-03-03 08:00,F1",
            "product": "id,name\nP,Part",
            "piece": "id,product,made_at,heat\np1,P,2025-03-03 08:05,17\np2,P,2025-03-03 08:06,17",
        },
    )
    path = tmp_path / "disposition.csv"
    head = "subject,subject_id,decided_at,decision,decided_by"
    path.write_text(f"{head}\npiece,p1,2025-03-04 08:00,scrap,Quality\n", encoding="utf-8")
    with PlantFolder.open(folder) as opened:
        import_files(opened, [path])
        found = recall_pieces(opened, "heat", "17")
    assert {one.piece: one.where for one in found.units} == {"p1": "gone", "p2": "stock"}
    assert (found.pieces("gone"), found.pieces("stock")) == ((1, 1.0), (1, 1.0))


def test_a_large_genealogy_is_kept_until_the_records_change(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "WORTH_KEEPING", 1)
    heats = "id,tapped_at,furnace\n17,2025-03-03 08:00,F1"
    folder = made_plant(
        tmp_path / "x",
        {
            "equipment": "id,kind\nF1,induction_furnace",
            "heat": heats,
            "product": "id,name\nP,Part",
            "piece": "id,product,made_at,heat,count\np1,P,2025-03-03 08:05,17,3",
        },
    )
    with PlantFolder.open(folder) as opened:
        first = lineage_of_plant(opened)
        (file,) = (folder / "cache").iterdir()
        reads = []
        columns = opened.records.columns
        monkeypatch.setattr(opened.records, "columns", lambda *a, **k: reads.append(a) or columns(*a, **k))
        again = lineage_of_plant(opened)
        assert reads == []
        for one in ("starts", "time", "own", "total", "left"):
            assert np.array_equal(getattr(first, one), getattr(again, one))
        assert {k: v.to_pylist() for k, v in first.names.items()} == {k: v.to_pylist() for k, v in again.names.items()}
        file.write_bytes(file.read_bytes()[:100])  # as after a crash
        assert lineage_of_plant(opened).pieces == 3
        assert len(reads) == len(COLUMNS)
        more = tmp_path / "more.csv"
        more.write_text("id,product,made_at,heat,count\np2,P,2025-03-03 08:06,17,2\n", encoding="utf-8")
        more = more.rename(tmp_path / "piece.csv")
        import_files(opened, [more])
        assert lineage_of_plant(opened).pieces == 5
        assert len(list((folder / "cache").iterdir())) == 1


@pytest.mark.real_data
@pytest.mark.slow
def test_any_shot_of_the_real_cell_is_traced_to_its_die_and_neighbours(shared, tmp_path, root):
    folder = tmp_path / "cell"
    new_plant(folder, name="cell", zone_name="Asia/Seoul")
    with PlantFolder.open(folder) as opened:
        import_files(opened, sorted((root / "examples" / "plants" / "hpdc").glob("*.csv")))
        shots = shared / "data" / "hpdc-kamp" / "shots_labelled.csv.gz"
        import_files(opened, [shots], map_path=root / "examples" / "maps" / "hpdc_kamp.toml")
        names = opened.records.columns("shot", ["id", "die"])
        for at in np.linspace(0, names["id"].size - 1, 7).astype(int):
            found = trace(opened, "shot", str(names["id"][at]))
            assert found.source.startswith("shots_labelled.csv.gz:")
            assert 1 <= len(found.neighbours) <= 2
            near = opened.records.read("shot", id=[name for _, name, _ in found.neighbours])
            assert {row["die"] for row in near} == {names["die"][at]}
            assert any("holding_fill" in one.say("en") for one in found.further)
            assert any(one.record == "shot" and one.values["die"] == names["die"][at] for one in found.attached)
