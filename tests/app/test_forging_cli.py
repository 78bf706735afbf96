"""The commands of forging: exit codes, both languages, JSON, and what they leave in a folder."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from forgecast.forging.ring import upset_ring
from forgecast.gateway.case_file import read_case
from forgecast.gateway.flow_stress_file import read_flow_stress
from forgecast.metal.flow_metals import flow_metal
from forgecast.metal.flow_stress import ZERO_DEGC
from tests.app.test_casting_cli import called

EXAMPLES = Path(__file__).parents[2] / "examples" / "forging"
BLANK = EXAMPLES / "blank.toml"


def said(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    return found


def changed(tmp_path: Path, *pairs: tuple[str, str]) -> str:
    """Return the example case with some words of it changed, its table of machines beside it."""
    content = BLANK.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in content
        content = content.replace(old, new)
    (tmp_path / "machines.csv").write_bytes((EXAMPLES / "machines.csv").read_bytes())
    path = tmp_path / "case.toml"
    path.write_text(content, encoding="utf-8")
    return str(path)


def curves(tmp_path: Path, heads: str = "T [degC],rate [1/s],strain [1],stress [MPa]") -> Path:
    """Return curves made of C45's coefficients, so that the truth is known."""
    law = flow_metal("c45").law
    path = tmp_path / "curves.csv"
    rows = [heads]
    for degC in (900, 1000, 1100, 1200):
        for rate in (0.1, 1.0, 10.0):
            for strain in np.linspace(0.05, 0.9, 18):
                stress = float(law.stress(strain, rate, degC + ZERO_DEGC)) / 1e6
                rows += [f"{degC},{rate},{strain:.6f},{stress:.6f}"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_curves_of_known_coefficients_give_them_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "steel"
    code, out, _ = called(
        capsys, "forging", "flow-stress", "fit", str(curves(tmp_path)), "--json", "--out", str(folder)
    )
    answer = said(out)
    assert code == 0
    assert answer["coefficients"]["m1"] == pytest.approx(-0.00267855, rel=1e-4)  # written to six decimals
    assert answer["coefficients"]["m8"] == pytest.approx(0.000149907, rel=1e-4)
    assert answer["unseen_root_mean_square"] < 1e-5
    assert sorted(path.name for path in folder.iterdir()) == ["flow_stress.png", "flow_stress.toml", "summary.json"]
    with Image.open(folder / "flow_stress.png") as picture:
        assert picture.width > 1000
    code, out, _ = called(capsys, "forging", "flow-stress", "show", str(folder / "flow_stress.toml"), "--json", "--at",
                          "1000degC", "--rate", "1 1/s")  # fmt: skip
    shown = said(out)
    assert shown["values"][0]["stress_Pa"] == pytest.approx(107.3e6, rel=1e-3)  # the data's README
    assert shown["validity"]["temperature_K"] == pytest.approx([900 + ZERO_DEGC, 1200 + ZERO_DEGC])


def test_the_written_coefficients_are_those_of_the_fit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "steel"
    code, out, _ = called(
        capsys, "forging", "flow-stress", "fit", str(curves(tmp_path)), "--json", "--out", str(folder)
    )
    assert code == 0
    (tmp_path / "case.toml").write_text('flow_stress = "steel/flow_stress.toml"\n', encoding="utf-8")
    law = read_flow_stress(read_case(tmp_path / "case.toml")).law
    held = said(out)["coefficients"]
    assert pytest.approx(held["A_Pa"], rel=1e-11) == law.A * 1.0  # cases are read to twelve digits
    assert (law.strain_shift, law.rate_shift) == (0.1, 0.1)


def test_units_are_told_or_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bare = curves(tmp_path, "temp,rate [1/s],strain [1],stress [MPa]")
    code, _, err = called(capsys, "forging", "flow-stress", "fit", str(bare))
    assert code == 2
    assert "nothing says in which unit this column is written" in err
    assert "--column 'temperature=temp [degC]'" in err
    code, _, _ = called(capsys, "forging", "flow-stress", "fit", str(bare), "--column", "temperature=temp [degC]")
    assert code == 0
    code, _, err = called(capsys, "forging", "flow-stress", "fit", str(bare), "--column", "temperature=temp [mm]")
    assert code == 2
    assert "mm is no unit of temperature" in err


def test_friction_and_heat_are_taken_off_only_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = str(curves(tmp_path))
    assert called(capsys, "forging", "flow-stress", "fit", path, "--friction", "0.2")[0] == 2
    assert called(capsys, "forging", "flow-stress", "fit", path, "--density", "7600kg/m3")[0] == 2
    code, out, _ = called(
        capsys, "forging", "flow-stress", "fit", path, "--friction", "0.2", "--diameter", "10mm", "--height", "15mm",
        "--density", "7600kg/m3", "--specific-heat", "650J/(kg K)", "--work-to-heat", "90%", "--heat-kept",
        "0.1 1/s=0%", "--heat-kept", "10 1/s=100%", "--json",
    )  # fmt: skip
    assert code == 0
    by = {(round(one["temperature_K"] - ZERO_DEGC), one["rate_per_s"]): one for one in said(out)["conditions"]}
    assert by[(900, 0.1)]["self_heating_K"] == pytest.approx(0.0, abs=1e-9)
    assert by[(900, 10.0)]["self_heating_K"] > 1.9 * by[(900, 1.0)]["self_heating_K"] > 5.0
    # Friction is taken off everywhere; at the slow rate that is all there is.
    assert by[(900, 0.1)]["corrected_over_measured"] < 0.96


@pytest.mark.real_data
def test_the_curves_of_bst500_are_fitted(capsys: pytest.CaptureFixture[str], shared: Path) -> None:
    path = shared / "data" / "flow-stress-hot" / "bst500_hot_compression.csv"
    units = {"temperature": "temp [degC]", "rate": "rate [1/s]", "strain": "strain [1]", "stress": "stress [MPa]"}
    columns = [word for key, header in units.items() for word in ("--column", f"{key}={header}")]
    code, out, _ = called(capsys, "forging", "flow-stress", "fit", str(path), *columns, "--strain-from", "0.05",
                          "--strain-to", "0.9", "--json")  # fmt: skip
    answer = said(out)
    assert code == 0
    assert len(answer["conditions"]) == 15
    assert sum(one["curves"] for one in answer["conditions"]) == 30
    # Coefficients published for these curves err by 10.5 % in the mean; a fit of one's own has to do better.
    assert answer["root_mean_square"] < 0.09
    assert answer["root_mean_square"] < answer["unseen_root_mean_square"] < 0.105


def test_metals_are_listed_with_what_is_known_of_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = called(capsys, "forging", "flow-stress", "show", "--lang", "en")
    assert code == 0
    assert "bst500" in out
    assert "not verified" in out
    picture = tmp_path / "c45.png"
    code, out, _ = called(capsys, "forging", "flow-stress", "show", "bst500", "--at", "1300degC", "--rate", "1 1/s",
                          "--picture", str(picture))  # fmt: skip
    assert code == 0
    assert "outside the range" in out
    assert picture.stat().st_size > 20_000
    code, _, err = called(capsys, "forging", "flow-stress", "show", "c46")
    assert code == 2
    assert "c45" in err


def rings(tmp_path: Path, m: float) -> Path:
    made = upset_ring(0.036, 0.018, 0.012, m, reduction=0.5)
    path = tmp_path / "rings.csv"
    rows = ["height [mm],bore [mm]"]
    for share in (0.1, 0.2, 0.3, 0.4, 0.48):
        bore = 18.0 * (1.0 - float(made.bore_decrease(share)))
        rows += [f"{12.0 * (1 - share):.4f},{bore:.4f}"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


RING = ("--outer", "36mm", "--bore", "18mm", "--height", "12mm")


def test_rings_give_their_friction_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, out, _ = called(
        capsys, "forging", "ring-test", str(rings(tmp_path, 0.25)), *RING, "--json", "--out", str(folder)
    )
    answer = said(out)
    assert code == 0
    # Measures written to 0.1 um; the search itself is to 1e-4.
    assert answer["friction_factor"] == pytest.approx(0.25, abs=5e-4)
    assert answer["halfwidth_95"] < 1e-3
    assert "barrelling is not in these curves" in answer["notes"][0]["en"]
    assert sorted(path.name for path in folder.iterdir()) == ["rings.png", "summary.json"]


def test_a_ring_that_grew_higher_is_refused_with_its_row(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "rings.csv"
    path.write_text("height [mm],bore [mm]\n10,17\n13,17\n", encoding="utf-8")
    code, _, err = called(capsys, "forging", "ring-test", str(path), *RING)
    assert code == 2
    assert "rings.csv:3" in err
    path.write_text("height,bore [mm]\n10,17\n", encoding="utf-8")
    assert "nothing says in which unit" in called(capsys, "forging", "ring-test", str(path), *RING)[2]


def test_an_estimate_is_shown_and_adds_up(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, out, err = called(capsys, "forging", "estimate", str(BLANK), "--out", str(folder), "--lang", "en")
    assert code == 0
    flat = " ".join(out.split())
    for words in ("MN at the end", "Yield", "loads the frame", "die life is not known", "under load for"):
        assert words in flat
    assert "the source does not say in which range" in err
    summary = said((folder / "summary.json").read_text(encoding="utf-8"))
    billet = summary["billet"]
    parts = sum(billet[f"{name}_kg"] for name in ("part", "flash", "clips", "scale"))
    assert parts == pytest.approx(billet["mass_kg"], rel=1e-9)
    way, force = (np.array(summary["stroke"][key]) for key in ("travel_m", "force_over_travel_N"))
    assert -np.trapezoid(force, way) == pytest.approx(summary["stroke"]["work_J"], rel=1e-9)
    # 1.75 kg from 20 to 1200 °C at 690 J/(kg K), over 55 %.
    assert summary["energy"]["heating_J"] == pytest.approx(billet["mass_kg"] * 690 * 1180 / 0.55, rel=1e-9)
    assert {path.name for path in folder.iterdir()} == {"estimate.png", "summary.json"}


def test_strict_says_no_where_no_machine_fits(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    hard = changed(tmp_path, ('flash_thickness = "2.2 mm"', 'flash_thickness = "0.3 mm"'))
    machines = tmp_path / "machines.csv"
    presses = [row for row in machines.read_text(encoding="utf-8").splitlines() if "hammer" not in row]
    machines.write_text("\n".join(presses) + "\n", encoding="utf-8")
    code, out, _ = called(capsys, "forging", "estimate", hard, "--strict", "--lang", "en")
    assert code == 1
    assert "none of the machines fits" in out
    assert called(capsys, "forging", "estimate", str(BLANK), "--strict")[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('cavity = "96 mm"', "cavity = 96", "has no unit"),
        ('speed = "300 mm/s"', 'speed = "300 mm"', "no unit of speed"),
        ('form = "closed-die"', 'form = "open"', "no form of dies"),
        ('flow_stress = "c45"', 'flow_stress = "c46"', "no flow stress for c46"),
        ("friction = 0.3", "friction = 1.3", "0 to 1"),
        ('flash_width = "9 mm"\n', "", "nobody has said how thick"),
        ('efficiency = "55 %"', 'effciency = "55 %"', "means nothing here"),
        ('cavity = "96 mm"', 'cavity = "40 mm"', "does not go down"),
    ],
)
def test_a_wrong_case_leaves_with_two_and_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str, new: str, says: str
) -> None:
    case = changed(tmp_path, (old, new))
    code, _, err = called(capsys, "forging", "estimate", case, "--lang", "en")
    assert code == 2
    assert says in err
    assert f"{case}:" in err  # file, and the line where a key is to blame


def test_recalled_rules_are_used_only_where_asked_and_say_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked = changed(
        tmp_path, ('flash_thickness = "2.2 mm"\n', ""), ('flash_width = "9 mm"', 'flash_rule = "neuberger-moeckel"')
    )
    code, out, _ = called(capsys, "forging", "estimate", asked, "--json")
    answer = said(out)
    assert code == 0
    assert any("not verified" in note["en"] and "neuberger" in note["en"] for note in answer["notes"])
    assert [source["confidence"] for source in answer["sources"]] == ["secondary", "unverified"]


def test_scale_is_not_known_unless_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    silent = changed(tmp_path, ('scale = "1.5 %"                      # of the billet\n', ""))
    answer = said(called(capsys, "forging", "estimate", silent, "--json")[1])
    assert answer["billet"]["scale_kg"] is None
    assert any("scale lost is not known" in note["en"] for note in answer["notes"])


@pytest.mark.parametrize(
    ("die", "force"),
    [
        ('form = "upsetting"\nheight = "30 mm"\nfriction = 0.0\nspeed = "300 mm/s"', 30e-3),
        ('form = "plane-strain"\nheight = "20 mm"\nlength = "100 mm"\nfriction = 0.0\nspeed = "300 mm/s"', 20e-3),
        ('form = "ring"\nheight = "20 mm"\nouter = "90 mm"\nbore = "45 mm"\nfriction = 0.0\nspeed = "300 mm/s"', 20e-3),
    ],
)
def test_open_dies_without_friction_take_flow_stress_times_area(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, die: str, force: float
) -> None:
    content = BLANK.read_text(encoding="utf-8")
    start, end = content.index("[die]"), content.index("[production]")
    case = tmp_path / "case.toml"
    (tmp_path / "machines.csv").write_bytes((EXAMPLES / "machines.csv").read_bytes())
    case.write_text(content[:start] + "[die]\n" + die + "\n\n" + content[end:], encoding="utf-8")
    code, out, _ = called(capsys, "forging", "estimate", str(case), "--json")
    answer = said(out)
    assert code == 0
    volume = (answer["billet"]["mass_kg"] - answer["billet"]["scale_kg"]) / 7500.0
    plane = 2.0 / math.sqrt(3.0) if "plane" in die else 1.0
    stress = answer["stroke"]["final_flow_stress_Pa"]
    # The ring moves inwards too where its neutral radius lies in it: without friction it does not.
    assert answer["stroke"]["force_over_travel_N"][-1] == pytest.approx(plane * stress * volume / force, rel=2e-3)


PRESS = """
title = "upset, made up"
machines = "machines.csv"
machine = "{machine}"
[metal]
flow_stress = "bst500"
density = "7500 kg/m3"
specific_heat = "690 J/(kg K)"
conductivity = "29 W/(m K)"
work_to_heat = "90 %"
[billet]
diameter = "20 mm"
height = "20 mm"
temperature = "1100 degC"
[dies]
form = "round"
lower = "lower.svg"
upper = "upper.dxf"
unit = "mm"
friction = 0.3
[heat]
air = "20 degC"
convection = "10 W/(m2 K)"
emissivity = "80 %"
contact = "10000 W/(m2 K)"
die_temperature = "250 degC"
die_density = "7800 kg/m3"
die_specific_heat = "550 J/(kg K)"
die_conductivity = "28 W/(m K)"
[run]
side = "2.5 mm"
"""
MACHINES = """name,kind,force [MN],energy [J],speed [mm/s],efficiency [%]
press,hydraulic,2,,100,
small hammer,hammer,,300,4000,80
"""


def press_case(tmp_path: Path, machine: str = "press") -> Path:
    """Return a billet of 20 mm between flat dies that close to 15 mm: one drawn as SVG, the other as DXF."""
    (tmp_path / "lower.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M40 0 L0 0"/></svg>', encoding="utf-8"
    )
    line = ["0", "SECTION", "2", "ENTITIES", "0", "LINE", "8", "0", "10", "0", "20", "15", "11", "40", "21", "15",
            "0", "ENDSEC", "0", "EOF"]  # fmt: skip
    (tmp_path / "upper.dxf").write_text("\n".join(line) + "\n", encoding="utf-8")
    (tmp_path / "machines.csv").write_text(MACHINES, encoding="utf-8")
    case = tmp_path / "press.toml"
    case.write_text(PRESS.format(machine=machine), encoding="utf-8")
    return case


@pytest.mark.slow
def test_a_run_leaves_series_fields_pictures_and_a_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    code, out, _ = called(
        capsys, "forging", "press", str(press_case(tmp_path)), "--out", str(folder), "--strict", "--json"
    )
    answer = said(out)
    assert code == 0
    assert answer["ended"] == "closed"
    assert answer["closing_m"] == pytest.approx(0.005, rel=1e-9)
    assert answer["volume_change"] < 1e-3
    with (folder / "series.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = pq.read_table(folder / "series.parquet")
    assert len(rows) == table.num_rows == answer["steps"]
    assert float(rows[-1]["work_J"]) == pytest.approx(answer["work_J"], rel=1e-6)
    assert table.column("force_N").to_pylist()[-1] == pytest.approx(float(rows[-1]["force_N"]), rel=1e-6)
    moments = ET.parse(folder / "stroke.pvd").findall(".//DataSet")  # noqa: S314  (our own file)
    assert len(moments) >= 2
    assert all((folder / one.attrib["file"]).is_file() for one in moments)
    assert float(moments[-1].attrib["timestep"]) == pytest.approx(answer["time_s"], rel=1e-9)
    with Image.open(folder / "stroke.gif") as picture:
        assert picture.n_frames == min(len(moments), 24)
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
    assert {Path(name).name for name in answer["files"]} == {path.name for path in folder.iterdir()}


@pytest.mark.slow
def test_a_blow_that_is_too_weak_keeps_what_it_did(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    case = press_case(tmp_path, "small hammer")
    code, out, _ = called(capsys, "forging", "press", str(case), "--out", str(folder), "--strict", "--lang", "en")
    assert code == 1
    assert "the energy of the blow is used up" in " ".join(out.split())
    summary = said((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["ended"] == "energy"
    assert summary["work_J"] == pytest.approx(240.0, rel=0.01)
    assert summary["left_m"] > 0.001


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('unit = "mm"\n', "", "does not say its unit"),
        ('machine = "press"', 'machine = "pres"', "no machine named pres"),
        ('height = "20 mm"', 'height = "14 mm"', "lower than the closed dies leave room"),
        ('diameter = "20 mm"', 'diameter = "90 mm"', "wider than the dies"),
        ('side = "2.5 mm"', "side = 2.5", "has no unit"),
    ],
)
def test_a_wrong_press_case_says_where(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str, new: str, says: str
) -> None:
    case = press_case(tmp_path)
    case.write_text(case.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    code, _, err = called(capsys, "forging", "press", str(case), "--out", str(tmp_path / "run"), "--lang", "en")
    assert code == 2
    assert says in err
    assert "press.toml" in err or "lower.svg" in err
    assert not (tmp_path / "run").exists()


def test_a_furnace_takes_longer_than_the_mean_alone_and_scale_follows_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    case = changed(
        tmp_path,
        ('way = "induction"                    # or "furnace" with furnace, convection, emissivity',
         'way = "furnace"\nfurnace = "1280 degC"\nconvection = "20 W/(m2 K)"\nemissivity = "80 %"'),
        ('scale = "1.5 %"                      # of the billet\n', ""),
        ("[air]", '[scale]\nfactor = "2 kg2/(m4 s)"\nactivation = "150 kJ/mol"\n\n[air]'),
    )  # fmt: skip
    code, out, _ = called(capsys, "forging", "estimate", case, "--json")
    answer = said(out)
    assert code == 0
    heating = answer["heating"]
    assert heating["time_s"] > heating["lumped_time_s"] > 100.0
    # At most as if the surface had been at 1280 °C all the time: 4/D times the root of k t over the density.
    most = 4.0 / 0.055 / 7500.0 * math.sqrt(2.0 * math.exp(-150e3 / (8.314462618 * 1553.15)) * heating["time_s"])
    assert 0.2 * most < heating["scale_share"] < most


def test_the_volume_of_a_solid_is_measured(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    boss = Path(__file__).parents[2] / "docs" / "start" / "first_casting" / "boss.stl"
    (tmp_path / "boss.stl").write_bytes(boss.read_bytes())
    told = ('volume = "200 cm3"                   # or: solid = "blank.step"', 'solid = "boss.stl"\nunit = "mm"')
    answer = said(called(capsys, "forging", "estimate", changed(tmp_path, told), "--json")[1])
    # A plate of 160 x 160 x 20 mm with a boss of 60 mm, as the page of the first casting says; its height above the
    # plate is 40 mm.
    assert answer["part"]["name"] == "boss.stl"
    assert answer["part_volume_m3"] == pytest.approx(0.16 * 0.16 * 0.02 + math.pi * 0.03**2 * 0.04, rel=5e-3)
