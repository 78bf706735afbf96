"""The commands of melting: exit codes, both languages, JSON, and what they leave in a folder."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.app.test_casting_cli import called
from tests.tasks.melt_plant import empty_plant, melt_plant, put
from tests.tasks.test_correct_melt import RATE, ladles

EXAMPLES = Path(__file__).parents[2] / "examples" / "melting"
CHARGE, LADLE, CUP = (str(EXAMPLES / name) for name in ("ductile_iron.toml", "ladle.toml", "cup.csv"))


def changed(tmp_path: Path, old: str, new: str) -> str:
    content = Path(CHARGE).read_text(encoding="utf-8")
    assert old in content
    path = tmp_path / "case.toml"
    path.write_text(content.replace(old, new), encoding="utf-8")
    return str(path)


def said(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_charge_is_shown_with_what_binds(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "melting", "charge", CHARGE)
    assert code == 0
    flat = " ".join(out.split())
    for words in (
        "CNY a tonne of metal; each bound holds with 95 %",
        "“Cu at most 0.3 %” binds",
        "What certainty costs",
        "With its own metal coming back as returns",
        "mixed scrap",
    ):
        assert words in flat


def test_the_json_of_a_charge_adds_up(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, out, _ = called(capsys, "melting", "charge", CHARGE, "--json", "--out", str(folder))
    answer = said(out)
    assert code == 0
    assert answer["cost"] == pytest.approx(sum(m["mass_kg"] * m["price_per_t"] / 1000.0 for m in answer["masses"]))
    assert answer["optimiser_s"] < 1.0
    assert sorted(path.name for path in folder.iterdir()) == ["charge.png", "summary.json"]
    summary = said((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["masses"] == answer["masses"]
    with Image.open(folder / "charge.png") as picture:
        assert picture.width > 1000
    assert summary["files"][0]["bytes"] == (folder / "charge.png").stat().st_size


def test_no_charge_leaves_with_one_and_says_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    case = changed(tmp_path, 'highest = "0.30 %"', 'highest = "0.01 %"')
    code, out, _ = called(capsys, "melting", "charge", case, "--out", str(tmp_path / "out"))
    assert code == 1
    assert "There is no charge that keeps all of this together." in out
    assert "Cu at most 0.01 %" in out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["summary.json"]
    assert called(capsys, "melting", "charge", case, "--json")[0] == 1


def test_a_wrong_case_leaves_with_two_and_its_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    case = changed(tmp_path, 'price = "3300 CNY/t"', "price = 3300")
    code, _, err = called(capsys, "melting", "charge", case)
    line = next(n for n, words in enumerate(Path(case).read_text("utf-8").splitlines(), 1) if "price = 3300" in words)
    assert code == 2
    assert f"{case}:{line}: material[1].price" in err
    assert "has no unit" in err
    code, out, _ = called(capsys, "melting", "charge", case, "--json")
    assert code == 2
    assert said(out)["error"]["code"] == "case"


def test_remembered_recoveries_decide_only_where_the_case_accepts_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    content = Path(CHARGE).read_text(encoding="utf-8")
    start = content.index('[[recovery]]\nkind = "*"\nelement = "Si"')
    own = content[:start] + content[content.index("[[recovery]]", start + 1) :]
    own = own.replace("[[share]]", "".join(
        f'[[recovery]]\nkind = "{kind}"\nelement = "Si"\nmean = "98 %"\nspread = "1 %"\n\n'
        for kind in ("pig-iron", "steel-scrap", "returns")
    ) + "[[share]]")  # fmt: skip
    case = tmp_path / "case.toml"
    case.write_text(own, encoding="utf-8")
    _, out, _ = called(capsys, "melting", "charge", str(case))
    assert "the recovery of Si from ferrosilicon, 0.9, was not read" in " ".join(out.split())
    assert "FeSi75" not in out
    case.write_text(own.replace('currency = "CNY"', 'currency = "CNY"\naccept_unverified = true'), encoding="utf-8")
    code, out, _ = called(capsys, "melting", "charge", str(case))
    assert code == 0
    assert "FeSi75" in out
    assert "the recovery of Si from ferrosilicon, 0.9, was not read" in " ".join(out.split())


def test_a_correction_is_shown_with_how_sure_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "melting", "correct", LADLE)
    flat = " ".join(out.split())
    assert code == 0
    assert "With these additions each bound holds with 95 %." in flat
    assert "Mg: 75.8 ± 2.1 % of it are left (half-life stated in the case)" in flat
    code, out, _ = called(capsys, "melting", "correct", LADLE, "--json")
    assert said(out)["additions"][0]["mass_kg"] > 1.0


def test_a_bath_beyond_help_leaves_with_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    case = tmp_path / "bath.toml"
    case.write_text(Path(LADLE).read_text("utf-8").replace("Si = 2.35 }", "Si = 4.0 }"), encoding="utf-8")
    code, out, _ = called(capsys, "melting", "correct", str(case))
    assert code == 1
    assert "No addition brings the bath into its limits." in out


def test_a_curve_is_read_and_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "cup"
    code, out, _ = called(capsys, "melting", "curve", CUP, "--alloy", "iron", "--out", str(folder), "--json",
                          "--graphite", "1153degC", "--white", "1113degC")  # fmt: skip
    answer = said(out)
    assert code == 0
    # The truth of the cup (examples/a_cup_with_known_truth.py), read every 0.2 s with a noise of 0.1 K.
    assert answer["liquidus"]["high"]["temperature_K"] == pytest.approx(1480.0, abs=0.3)
    assert answer["eutectic"]["low"]["temperature_K"] == pytest.approx(1405.09, abs=0.3)
    assert answer["eutectic"]["high"]["temperature_K"] == pytest.approx(1420.10, abs=0.3)
    assert answer["iron"]["undercooling"] == pytest.approx(1153.0 + 273.15 - answer["eutectic"]["low"]["temperature_K"])
    assert sorted(path.name for path in folder.iterdir()) == ["curve.png", "summary.json"]


def test_what_a_curve_does_not_tell_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "melting", "curve", CUP, "--alloy", "alsi")
    assert code == 0
    assert "modification is told against the unmodified eutectic" in " ".join(out.split())
    code, out, _ = called(capsys, "melting", "curve", CUP, "--alloy", "alsi", "--reference", "1160degC", "--json")
    answer = said(out)
    assert answer["alsi"]["depression"] == pytest.approx(1433.15 - answer["eutectic"]["high"]["temperature_K"])
    code, _, err = called(capsys, "melting", "curve", CUP, "--alloy", "iron", "--content", "Si=2.1%")
    assert code == 2
    assert "standard deviation of Si is not told" in err
    code, _, err = called(capsys, "melting", "curve", CUP, "--content", "2.1")
    assert code == 2
    assert "is no content" in err


def test_a_balance_is_judged_once_the_scales_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plant = str(melt_plant(tmp_path / "p", 12, noise=0.003, unbooked=0.05))
    code, out, _ = called(capsys, "melting", "balance", plant, "--strict")
    assert code == 0
    assert "Nothing is judged" in out
    asked = ("melting", "balance", plant, "--scale", "0.5%", "--doubt", "loss=10%")
    code, out, _ = called(capsys, *asked)
    flat = " ".join(out.split())
    assert code == 0
    assert "scrapped castings remelted without being booked as scrap" in flat
    assert "a stock-taking of the returns at the end of each month" in flat
    assert called(capsys, *asked, "--strict")[0] == 1
    code, out, _ = called(capsys, *asked, "--json")
    (alloy,) = said(out)["alloys"]
    assert [month["closes"] for month in alloy["months"]] == [False] * 12
    assert alloy["suspects"][0]["cause"] == "unreported-remelt"
    for words, says in ((("--doubt", "lost=1%"), "is no stream"), (("--doubt", "loss=10%"), "nobody has said")):
        code, _, err = called(capsys, "melting", "balance", plant, *words)
        assert code == 2
        assert says in err


def test_how_long_a_ladle_may_wait(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with empty_plant(tmp_path / "p") as plant:
        put(plant, ladles(12))
    folder = str(tmp_path / "p")
    code, _, err = called(capsys, "melting", "fade", folder)
    assert code == 2
    assert "no ladle on record tells how Mg fades" in err
    code, out, _ = called(capsys, "melting", "fade", folder, "--spread", "0.001%", "--lowest", "0.035%", "--json")
    answer = said(out)
    assert code == 0
    # ln 2 / (6e-4 1/s) is 1155 s; four standard deviations.
    assert abs(answer["half_life_s"] - math.log(2.0) / RATE) < 4.0 * answer["half_life_uncertainty_s"]
    # 0.05 % falls to 0.035 % in ln(10/7)/6e-4 = 594 s; kept with 95 % it is less, and not much less.
    assert 450.0 < answer["ladles"][0]["pour_before_s"] < 620.0
    code, out, _ = called(capsys, "melting", "fade", folder, "--spread", "0.001%")
    assert "Half-life" in out


@pytest.mark.parametrize("command", ["charge", "correct", "fade", "curve", "balance"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_teaches_with_examples(capsys: pytest.CaptureFixture[str], command: str, language: str) -> None:
    code, out, _ = called(capsys, "melting", command, "--help", "--lang", language)
    assert code == 0
    assert f"forgecast melting {command}" in out
    assert "#" in out
