"""The commands of energy: help, JSON, both languages, pictures, exit codes, and errors that name the repair."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from forgecast.app.cli.energy.group import energy
from tests.app.test_cli import called
from tests.tasks.energy_plant import energy_plant
from tests.tasks.small_plants import plant_of

YEAR = ("--until", "2025-12-31")
FORTNIGHT = ("--since", "2025-06-01", "--until", "2025-06-14")
CALLS = {
    "balance": ("{plant}", *YEAR),
    "baseline": ("{plant}", "--since", "2024-01-01", "--until", "2024-12-31"),
    "savings": ("{plant}", "M1", *YEAR),
    "cost": ("{plant}", *FORTNIGHT),
    "shift": ("{plant}", "--since", "2025-06-03", "--until", "2025-06-04"),
    "diagnose": ("{plant}", *FORTNIGHT),
}


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(energy_plant(tmp_path_factory.mktemp("energy")))


def _words(name: str, plant: str) -> tuple[str, ...]:
    return ("energy", name, *(word.format(plant=plant) for word in CALLS[name]))


@pytest.mark.parametrize("name", CALLS)
def test_every_command_teaches_answers_and_draws(
    name: str, plant: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = called(capsys, "energy", name, "--help")
    assert code == 0
    assert "Examples:" in out
    assert f"forgecast energy {name}" in out
    picture = tmp_path / "it.png"
    code, out, err = called(capsys, *_words(name, plant), "--out", str(picture), "--lang", "zh")
    assert code == 0, err
    assert str(picture) in out.replace("\n", "")
    with Image.open(picture) as drawn:
        assert drawn.width > 1000
    code, out, err = called(capsys, *_words(name, plant), "--json")
    assert code == 0, err
    assert json.loads(out)["ok"] is True


def test_all_commands_are_listed() -> None:
    assert set(CALLS) == set(energy.list_commands(None))  # type: ignore[arg-type]


def test_the_json_of_a_balance_keeps_what_is_not_known_apart(plant: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = called(capsys, *_words("balance", plant), "--json")
    (carrier,) = json.loads(out)["carriers"]
    (node,) = carrier["nodes"]
    unread = next(one for one in node["periods"] if one["period"] == "2025-11")
    assert (unread["rest"], unread["submetered"], unread["state"]) == (None, None, "not_known")
    assert unread["high"] > 0.0
    assert carrier["hypotheses"][0]["kind"] == "phase_missing"
    assert carrier["hypotheses"][0]["words"]["zh"]


def test_strict_commands_leave_with_one_where_the_answer_is_no(plant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(capsys, *_words("balance", plant), "--strict")[0] == 1
    good = ("--since", "2024-01-01", "--until", "2024-12-31")
    assert called(capsys, "energy", "balance", plant, *good, "--strict")[0] == 0
    assert called(capsys, *_words("baseline", plant), "--strict")[0] == 0
    assert called(capsys, *_words("baseline", plant), "--driver", "heats", "--strict")[0] == 2  # no heats in 2024
    assert called(capsys, *_words("savings", plant), "--strict")[0] == 0
    # Pieces nobody counts: a driver that is not on record is an error and no zero.
    assert called(capsys, *_words("savings", plant), "--driver", "pieces")[0] == 2


def test_a_bill_takes_the_adjustment_that_is_given_and_no_other(plant: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, *_words("cost", plant), "--json")
    (month,) = json.loads(out)["months"]
    assert (month["total"], month["factor_cost"]) == (None, None)
    code, out, _ = called(capsys, *_words("cost", plant), "--factor", "0.89=1%", "--json")
    (told,) = json.loads(out)["months"]
    assert told["total"] == pytest.approx(1.01 * (sum(month["energy_cost"].values()) + month["demand_cost"]))
    code, _, err = called(capsys, *_words("cost", plant), "--factor", "89=1%")
    assert code == 2
    assert "no power factor" in err


def test_the_screen_says_what_was_found(
    plant: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # so that no word of a table is folded
    _, out, _ = called(capsys, *_words("diagnose", plant))
    flat = " ".join(out.split())
    for words in ("load outside work, E-MAIN", "IF-1 holds with 90 kW", "findings overlap", "found by:", "to do:"):
        assert words in flat
    _, out, _ = called(capsys, *_words("balance", plant))
    assert "STANDS OUT" in out
    assert "not read: E-REST" in " ".join(out.split())
    _, out, _ = called(capsys, *_words("baseline", plant))
    flat = " ".join(out.split())
    assert "The baseline is adequate." in flat
    assert "shown only" in flat


def test_a_plant_without_meters_is_told_what_to_take_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = str(plant_of(tmp_path, {"production": "month,line,route,good_mass_t\n2025-01,L1,casting,10\n"}))
    for name, words in (("balance", "nothing to balance"), ("baseline", "0 main meters"), ("cost", "0 main meters")):
        code, _, err = called(capsys, "energy", name, bare)
        assert code == 2
        assert words in err
        assert "→" in err or "repair" in err
    code, _, err = called(capsys, "energy", "shift", bare, "--since", "2025-01-01")
    assert code == 2
    code, out, _ = called(capsys, "energy", "diagnose", bare)
    assert code == 0
    assert "Not known, and what would settle it" in out


@pytest.mark.parametrize("name", ["balance", "cost"])
def test_a_picture_says_made_up_of_a_made_up_plant_only(
    name: str, plant: str, sample_plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {}
    for which in (plant, str(sample_plant)):
        picture = tmp_path / "it.svg"
        code, _, err = called(capsys, *_words(name, which), "--out", str(picture))
        assert code == 0, err
        said[which] = "made-up data" in picture.read_text(encoding="utf-8")
    assert said == {plant: False, str(sample_plant): True}
