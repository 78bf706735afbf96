"""What if: a changed fact goes the whole way, a changed figure is judged, and ways to pass hold when they are tried."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.what_if import ways_for, what_if


@pytest.fixture(scope="module")
def words(sample_plant: Path) -> dict[str, str]:
    with PlantFolder.open(sample_plant) as plant:
        return {verdict.id: str(verdict.word) for verdict in assess_plant(plant).verdicts}


def after(plant: PlantFolder, *supposed: str) -> dict[str, tuple[str, str]]:
    told = what_if(plant, supposed)
    return {
        change.id: tuple("—" if side is None else str(side.word) for side in (change.before, change.after))
        for change in told.changes
    }


def test_nothing_supposed_changes_nothing(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        assert after(plant) == {}


def test_a_supposed_fact_gives_what_recording_it_gives(sample_plant: Path, tmp_path: Path, words) -> None:
    """The verdicts told to change are those that do change once the fact is on record."""
    shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:
        stack = "DA001"
        told = after(plant, f"{stack}.furnace=arc_furnace", f"{stack}.process=melting")
        assert told
        record_entries(plant, "stack", [{"id": stack, "furnace": "arc_furnace", "process": "melting"}], by="test")
        now = {verdict.id: str(verdict.word) for verdict in assess_plant(plant).verdicts}
    both = {name: (words.get(name, "—"), now.get(name, "—")) for name in {**words, **now}}
    truly = {name: sides for name, sides in both.items() if sides[0] != sides[1]}
    assert {name: sides for name, sides in told.items() if sides[0] != sides[1]} == truly


def test_a_fact_that_is_forgotten_only_makes_words_unknown(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        told = after(plant, "DA001.process=")
    assert told
    assert {sides[1] for sides in told.values()} == {"not known"}


def test_a_supposed_figure_is_judged(sample_plant: Path, words) -> None:
    (over,) = [name for name, word in words.items() if word == "not met" and name.endswith("/DA001") and "pm" in name]
    with PlantFolder.open(sample_plant) as plant:
        assert after(plant, "DA001.pm=1")[over] == ("not met", "met")
        assert after(plant, "stack/DA001.pm=")[over] == ("not met", "not known")


def test_a_way_to_pass_passes_when_it_is_supposed(sample_plant: Path, words) -> None:
    (over,) = [name for name, word in words.items() if word == "not met" and name.endswith("/DA001") and "pm" in name]
    with PlantFolder.open(sample_plant) as plant:
        ways = ways_for(plant, [over, "nobody/knows/it"])
        assert set(ways) == {over}
        target = ways[over].figure.target
        assert after(plant, f"DA001.pm={target!r}")[over] == ("not met", "met")
        assert over not in after(plant, f"DA001.pm={1.01 * target!r}")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("DA001.furnace", "does not say"),
        ("furnace=cupola", "does not say"),
        ("ZZ9.furnace=cupola", "no thing on record"),
        ("DA001.colour=red", "neither a field nor a figure"),
        ("DA001.pm=much", "no number"),
    ],
)
def test_a_wrong_word_is_refused_with_its_repair(sample_plant: Path, word: str, said: str) -> None:
    with PlantFolder.open(sample_plant) as plant, pytest.raises(ForgecastError, match=said) as caught:
        what_if(plant, [word])
    assert str(caught.value.repair)


def test_a_code_that_is_none_is_refused(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant, pytest.raises(ForgecastError):
        what_if(plant, ["DA001.furnace=volcano"])
