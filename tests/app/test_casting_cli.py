"""The commands of casting: quantities carry their units, and what is wrong is said before any time is spent."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import trimesh

from forgecast.app.casting.asked_bodies import AskedChill, AskedRiser
from forgecast.app.cli.casting.bodies import CHILL_EXAMPLE, RISER_EXAMPLE, asked_chill, asked_riser
from forgecast.app.cli.main import main
from forgecast.app.cli.quantity import quantity, triple
from forgecast.ground.errors import ForgecastError


def error_schema() -> dict[str, Any]:
    place = resources.files("forgecast") / "app" / "schemas" / "error.schema.json"
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return found


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a call."""
    with pytest.raises(SystemExit) as left:
        main(words)
    said = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, said.out, said.err


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [
        ("4mm", "length", 0.004),
        (" 4 mm ", "length", 0.004),
        ("4e-3m", "length", 0.004),
        (".4cm", "length", 0.004),
        ("700degC", "temperature", 973.15),
        ("700 °C", "temperature", 973.15),
        ("700℃", "temperature", 973.15),
        ("973.15K", "temperature", 973.15),
        ("10min", "time_span", 600.0),
        ("5毫米", "length", 0.005),
        ("30K", "temperature_difference", 30.0),
    ],
)
def test_a_quantity_is_read_as_si(words: str, kind: str, value: float) -> None:
    assert quantity(words, kind, "--x") == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        ("4", "length", "has no unit"),
        ("700", "temperature", "has no unit"),
        ("", "length", "is no"),
        ("mm", "length", "is no"),
        ("4,5mm", "length", "is not known"),
        ("4 furlong per mm", "length", ""),
        ("4s", "length", "is no unit of"),
        ("0mm", "length", "not above zero"),
        ("-4mm", "length", "not above zero"),
        ("nanmm", "length", "is no"),
        ("1e999mm", "length", "not above zero"),
    ],
)
def test_a_quantity_without_its_unit_or_of_another_kind_is_refused(words: str, kind: str, says: str) -> None:
    with pytest.raises(ForgecastError) as refused:
        quantity(words, kind, "--cell")
    assert says in refused.value.say("en")


def test_a_place_is_three_lengths() -> None:
    assert triple("10mm,-2cm,0m", "length", "--at") == pytest.approx((0.01, -0.02, 0.0))
    for wrong in ("10mm,2mm", "10,2,3", ""):
        with pytest.raises(ForgecastError):
            triple(wrong, "length", "--at")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [("alloys",), ("media",), ("alloys", "A356"), ("media", "green-sand")])
def test_the_materials_are_listed(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], language: str) -> None:
    code, out, _ = called(capsys, "casting", *words, "--lang", language)
    assert code == 0
    assert ("a356" if words[0] == "alloys" else "green-sand") in out
    assert "[" in out  # units in brackets are no markup


def test_the_materials_as_json_name_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("alloys", "media"):
        code, out, _ = called(capsys, "casting", what, "--json")
        answer = json.loads(out)
        assert (code, answer["ok"]) == (0, True)
        assert all(one["sources"] for one in answer[what])
        assert all(one["weakest_confidence"] in ("primary", "secondary", "unverified") for one in answer[what])


@pytest.mark.parametrize(("words", "near"), [(("alloys", "A357"), "a356"), (("media", "gren sand"), "green-sand")])
def test_an_unknown_material_is_answered_with_near_ones(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], near: str
) -> None:
    code, out, _ = called(capsys, "casting", *words, "--json")
    assert code == 2
    jsonschema.validate(json.loads(out), error_schema())
    assert near in json.loads(out)["error"]["repair"]["en"]


def test_a_riser_is_written_in_words_with_units() -> None:
    riser = asked_riser("at=45mm,-4cm,55mm diameter=50mm height=75mm sleeve=insulating-sleeve thickness=10mm")
    assert riser.at == pytest.approx((0.045, -0.04, 0.055))
    assert (riser.diameter, riser.height, riser.thickness) == pytest.approx((0.05, 0.075, 0.01))
    assert riser.sleeve == "insulating-sleeve"
    assert asked_riser("file=riser.stl") == AskedRiser(file=Path("riser.stl"))
    assert asked_chill("file=c.stl medium=iron-chill") == AskedChill("iron-chill", file=Path("c.stl"))
    assert asked_riser(RISER_EXAMPLE).height == pytest.approx(0.075)
    assert asked_chill(CHILL_EXAMPLE).size == pytest.approx((0.03, 0.06, 0.015))


@pytest.mark.parametrize(
    ("read", "words", "says"),
    [
        (asked_riser, "", "at, diameter, height is missing"),
        (asked_riser, "at=45mm,40mm,55mm diameter=50mm", "height is missing"),
        (asked_riser, "at=45,40,55 diameter=50mm height=75mm", "45 has no unit"),
        (asked_riser, "at=45mm,40mm diameter=50mm height=75mm", "is no place"),
        (asked_riser, "at=0mm,0mm,0mm diameter=50mm height=75mm sleeve=x", "thickness is missing"),
        (asked_riser, "at=0mm,0mm,0mm diameter=50mm height=75mm colour=red", "colour=red is not understood"),
        (asked_riser, "file=a.stl height=75mm", "height cannot stand beside file"),
        (asked_riser, "diameter=5mm diameter=6mm", "diameter=6mm is not understood"),
        (asked_chill, "at=0mm,0mm,0mm size=1mm,2mm,3mm", "medium is missing"),
        (asked_chill, "at=0mm,0mm,0mm size=1mm,0mm,3mm medium=iron-chill", "is not above zero"),
    ],
)
def test_what_a_riser_lacks_is_said(read: Callable[[str], object], words: str, says: str) -> None:
    with pytest.raises(ForgecastError) as refused:
        read(words)
    assert says in refused.value.say("en")
    assert "=" in refused.value.repair.say("en") or "mm" in refused.value.repair.say("en")


@pytest.fixture(scope="module")
def block(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an STL file of a block of 120 x 60 x 30, in millimetres as CAD programs write it."""
    path = tmp_path_factory.mktemp("parts") / "block.stl"
    trimesh.creation.box((120.0, 60.0, 30.0)).export(path)
    return path


def test_a_block_is_measured(capsys: pytest.CaptureFixture[str], block: Path) -> None:
    code, out, err = called(capsys, "casting", "measure", str(block), "--unit", "mm", "--alloy", "A356", "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert answer["volume_m3"] == pytest.approx(0.12 * 0.06 * 0.03, rel=1e-6)
    assert answer["area_m2"] == pytest.approx(2 * (0.12 * 0.06 + 0.12 * 0.03 + 0.06 * 0.03), rel=1e-6)
    assert answer["box_m"] == pytest.approx([0.12, 0.06, 0.03], rel=1e-6)
    assert answer["mass_kg"] == pytest.approx(answer["volume_m3"] * 2674, rel=0.01)  # A356 at room: 2674 kg/m3
    # straight across: 30 mm under both large faces, 57 % of the surface; 120 mm along from the ends, 14 %
    assert answer["walls_m"] == pytest.approx({"thin": 0.03, "median": 0.03, "thick": 0.12}, rel=1e-5)
    assert len(answer["part"]["sha256"]) == 64


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_measured_is_shown(capsys: pytest.CaptureFixture[str], block: Path, language: str) -> None:
    code, out, _ = called(capsys, "casting", "measure", str(block), "--unit", "mm", "--lang", language)
    assert code == 0
    assert "216\u00a0cm³" in out
    assert "120 × 60 × 30\u00a0mm" in out


def test_a_block_is_gated(capsys: pytest.CaptureFixture[str], block: Path) -> None:
    words = ("casting", "gate", str(block), "--unit", "mm", "--alloy", "A356", "--pour", "720degC", "--head", "200mm",
             "--gate", "bottom")  # fmt: skip
    code, out, _ = called(capsys, *words, "--json")
    answer = json.loads(out)
    assert code == 0
    # gates at the bottom: H - C/2 for a casting as high as its rise above them
    assert answer["effective_head_m"] == pytest.approx(0.2 - 0.03 / 2, rel=1e-6)
    assert answer["part"]["unit_m"] == 0.001
    assert called(capsys, *words)[0] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("measure", "{block}"), "names no unit"),
        (("measure", "{block}", "--unit", "furlong"), "furlong"),
        (("measure", "no-such.stl", "--unit", "mm"), "no such file"),
        (("measure", "{block}", "--unit", "mm", "--alloy", "unobtainium"), "unobtainium"),
        (("gate", "{block}", "--unit", "mm", "--alloy", "A356", "--pour", "720", "--head", "200mm", "--gate", "top"),
         "has no unit"),
        (("gate", "{block}", "--unit", "mm", "--alloy", "A356", "--pour", "720degC", "--head", "200mm"), "missing"),
        (("identify", "no-such.csv", "--alloy", "A356", "--mould", "h13", "--half", "20mm", "--depth", "60mm", "--pour",
          "700degC", "--mould-at", "200degC"), ""),
        (("identify", "x.csv", "--alloy", "A356", "--mould", "h13", "--half", "20mm", "--depth", "60mm", "--pour",
          "700degC", "--mould-at", "200degC", "--knots", "550degC,450degC"), "do not rise"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_exit_2_with_the_error_shape(
    capsys: pytest.CaptureFixture[str], block: Path, words: tuple[str, ...], says: str
) -> None:
    code, out, err = called(capsys, "casting", *(word.format(block=block) for word in words), "--json")
    assert code == 2
    jsonschema.validate(json.loads(out), error_schema())
    assert says in json.loads(out)["error"]["what"]["en"]
    assert "Traceback" not in out + err
