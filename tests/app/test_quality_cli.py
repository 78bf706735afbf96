"""The commands of quality: exit codes, JSON, both languages, pictures, and errors that name the repair."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from forgecast.app.cli.quality.group import quality
from tests.app.test_cli import called
from tests.tasks.small_plants import COLD, chain

COMMANDS = ("chart", "capability", "gauge", "scatter", "sampling", "pareto", "fmea", "contain")


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(chain(tmp_path_factory.mktemp("works")))


@pytest.fixture
def shafts(tmp_path: Path) -> str:
    values = np.random.default_rng(5).normal(10.0, 0.5, 80)
    path = tmp_path / "shafts.csv"
    rows = "".join(f"{v:.5f},{'AB'[n % 2]},{n // 8},{n // 4 % 2}\n" for n, v in enumerate(values))
    path.write_text(f"d [mm],die,heat,mould\n{rows}", encoding="utf-8")
    return str(path)


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    code, out, err = called(capsys, "quality", *words, "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert answer["ok"] is True
    return answer


def test_every_command_teaches_with_examples_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        code, out, _ = called(capsys, "quality", command, "--help")
        assert code == 0
        assert "Examples:" in out
        assert f"forgecast quality {command}" in out
    assert set(COMMANDS) <= set(quality.list_commands(None))  # type: ignore[arg-type]


def test_a_chart_as_json_says_which_points_signal(capsys: pytest.CaptureFixture[str], works: str) -> None:
    answer = answered(capsys, "chart", works, "heat.tap_temperature_degC", "--rules", "limits")
    (group,) = answer["groups"]
    signals = [signal for signal in group["signals"] if signal["panel"] == "individual"]
    assert [signal["name"] for signal in signals] == [f"H{COLD}"]
    assert signals[0]["rules"] == ["1"]
    assert answer["unit"] == "°C"
    assert answer["title"]["zh"] == "出炉温度"
    assert answer["stable"] is False


def test_strict_commands_leave_with_one_where_the_answer_is_no(
    capsys: pytest.CaptureFixture[str], works: str, shafts: str
) -> None:
    temperature = "heat.tap_temperature_degC"
    assert called(capsys, "quality", "chart", works, temperature, "--strict")[0] == 1
    assert called(capsys, "quality", "chart", works, temperature)[0] == 0
    assert called(capsys, "quality", "fmea", works, "--strict")[0] == 1
    assert called(capsys, "quality", "contain", works, temperature, "--strict")[0] == 1
    limits = ("--lower", "8", "--upper", "12")
    assert called(capsys, "quality", "capability", shafts, "d", *limits, "--strict")[0] == 0
    few = ("--where", "heat=1")
    assert called(capsys, "quality", "capability", shafts, "d", *limits, *few, "--strict")[0] == 1


DRAWN = {
    "chart": ("{works}", "ladle.temperature_degC"),
    "capability": ("{shafts}", "d", "--lower", "8", "--upper", "12", "--by", "die"),
    "gauge": ("{study}", "--tolerance", "2"),
    "scatter": ("{shafts}", "d", "--within", "heat,mould"),
    "sampling": ("--aql", "1%", "--ltpd", "6%"),
    "pareto": ("{works}",),
    "contain": ("{works}", "ladle.temperature_degC"),
}


@pytest.mark.parametrize(("command", "language"), [(c, "zh" if n % 2 else "en") for n, c in enumerate(DRAWN)])
def test_each_command_shows_its_answer_and_draws_its_picture(
    capsys: pytest.CaptureFixture[str], works: str, shafts: str, tmp_path: Path, command: str, language: str
) -> None:
    study = tmp_path / "study.csv"
    rng = np.random.default_rng(1)
    rows = [f"{p},{o},{p + rng.normal(0, 0.1):.4f}" for p in range(5) for o in "AB" for _ in range(2)]
    study.write_text("part,operator,value\n" + "\n".join(rows), encoding="utf-8")
    picture = tmp_path / "p.png"
    words = [w.format(works=works, shafts=shafts, study=study) for w in DRAWN[command]]
    code, out, err = called(capsys, "quality", command, *words, "--lang", language, "--out", str(picture))
    assert code == 0, err
    assert str(picture) in out.replace("\n", "")
    assert picture.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_register_of_failure_modes_is_shown(capsys: pytest.CaptureFixture[str], works: str, language: str) -> None:
    code, out, _ = called(capsys, "quality", "fmea", works, "--lang", language)
    assert code == 0
    assert "FM1" in out


def test_a_shipped_suspect_piece_is_shown_first(capsys: pytest.CaptureFixture[str], works: str) -> None:
    answer = answered(capsys, "contain", works, "heat.tap_temperature_degC")
    (suspect,) = answer["suspects"]
    assert answer["contained"] is False
    assert {piece["piece"]: piece["shipments"] for piece in suspect["pieces"]} == {
        f"P{COLD}-1": [],
        f"P{COLD}-2": ["S1"],
    }
    _, out, _ = called(capsys, "quality", "contain", works, "heat.tap_temperature_degC")
    assert out.index(f"P{COLD}-2") < out.index(f"P{COLD}-1 ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("chart", "{works}", "heat.tap_temperature_degC", "--out", "a.gif"), "cannot be written as .gif"),
        (("chart", "{works}", "heat.tap_temperature_degC", "--where", "furnace"), "is no condition"),
        (("chart", "{works}", "heat.tap_temperature_degC", "--rules", "ten"), "no rule named ten"),
        (("chart", "{works}", "heat.tap_temperature_degC", "--since", "March"), "does not fit"),
        (("chart", "{shafts}", "d", "--since", "2025-03-01"), "which column holds the time"),
        (("capability", "{shafts}", "d"), "no limits are known"),
        (("sampling", "--aql", "1%", "--ltpd", "5%", "--plan", "80"), "is no plan"),
        (("sampling", "--aql", "5%", "--ltpd", "1%"), "impossible"),
        (("gauge", "{shafts}"), "is headed part"),
        (("pareto", "{shafts}", "--by", "defect"), "no column defect"),
    ],
)
def test_a_wrong_call_is_told_with_its_repair(
    capsys: pytest.CaptureFixture[str], works: str, shafts: str, words: tuple[str, ...], says: str
) -> None:
    filled = [word.replace("{works}", works).replace("{shafts}", shafts) for word in words]
    code, out, _ = called(capsys, "quality", *filled, "--json")
    assert code == 2
    error = json.loads(out)["error"]
    assert says in error["what"]["en"]
    assert error["repair"]["en"]
