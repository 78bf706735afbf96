"""Explain a fault: a card out of signs that were told, or that a machine's own tags show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.plant.record import record
from forgecast.signals.condition.fault_card import LIKELY_TEXTS, FaultCard, Sign, fault_card, fault_tree
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.condition_values import SignalsAsked, read_signals
from forgecast.tasks.find_changes import FoundChanges, find_changes

#: Probability by chance above which a change is none.
_CHANCE = 0.01
#: Most values a tag is averaged to before it is searched.
_MOST = 2000
#: Words of the signs that no tag measures.
_OTHER_SIGNS: dict[str, Text] = {
    "energy_per_tonne": text("energy per tonne"),
    "work": text("work per blow"),
    "bearing": text("bearing"),
}
_DIRECTIONS: dict[str, Text] = {"up": text("up"), "down": text("down"), "fault": text("fault lines")}


@dataclass(frozen=True, slots=True, eq=False)
class FaultAnswer:
    """A fault card and where it comes from.

    Parameters
    ----------
    source : str
    card : FaultCard
    synthetic : bool
    notes : tuple of Text
    """

    source: str
    card: FaultCard
    synthetic: bool
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the card in both languages."""
        card = self.card
        return {
            "source": self.source,
            "machine": card.machine,
            "kind": card.kind,
            "signs": [{"key": one.key, "seen": one.seen, "words": one.words.as_json()} for one in card.signs],
            "unexplained": [one.key for one in card.unexplained],
            "causes": [
                {"cause": one.id, "words": one.words.as_json(), "share": one.share, "likely": str(one.likely),
                 "likely_words": LIKELY_TEXTS[one.likely].as_json(),
                 "for": [w.as_json() for w in one.speaks_for], "against": [w.as_json() for w in one.speaks_against]}
                for one in card.causes
            ],
            "checks": [
                {"check": one.id, "words": one.words.as_json(), "minutes": one.minutes, "gain_bit": one.gain,
                 "confirms": list(one.confirms)} for one in card.checks
            ],
            "notes": [one.as_json() for one in self.notes],
        }  # fmt: skip


def kind_text(kind: str) -> Text:
    """Return the words of a kind of machine, from the record `equipment`."""
    return next(
        (bilingual(kind.replace("_", " "), choice.zh) for choice in record("equipment").field("kind").choices
         if choice.code == kind), verbatim(kind),
    )  # fmt: skip


def sign_text(key: str) -> Text:
    """Return the words of a sign's key, ``measure:direction``."""
    measure, _, direction = key.partition(":")
    words = _OTHER_SIGNS.get(measure)
    if words is None:
        choices = record("tag").field("measures").choices
        words = next((bilingual(measure.replace("_", " "), one.zh) for one in choices if one.code == measure),
                     verbatim(measure.replace("_", " ")))  # fmt: skip
    return text("{measure}: {direction}", measure=words, direction=_DIRECTIONS.get(direction, verbatim(direction)))


def explain_fault(
    source: Path | None, *, machine: str = "", kind: str = "", signs: Sequence[str] = (), absent: Sequence[str] = (),
    since: date | None = None, until: date | None = None,
) -> FaultAnswer:  # fmt: skip
    """Return the fault card of a machine.

    Parameters
    ----------
    source : Path or None
        A plant, whose tags of the machine are searched for changes; None takes the signs told only.
    machine : str
        Equipment of the plant.
    kind : str
        Kind of machine; of a plant it stands in the record.
    signs, absent : sequence of str
        Keys of what was seen, and of what was looked for and not seen.
    since, until : date or None

    Raises
    ------
    ForgecastError
        If a key is none of the tree's, the machine is not on record, or nothing was seen.
    """
    found: dict[str, Sign] = {}
    notes: list[Text] = []
    name, synthetic = "", False
    if source is not None:
        kind, name, synthetic, found, notes = _of_plant(source, machine, since, until)
    keys = {row.key for row in fault_tree() if row.machine == kind and row.kind == "sign"}
    for key, seen in [*((one, True) for one in signs), *((one, False) for one in absent)]:
        if keys and key not in keys:
            raise ForgecastError(
                text("{key} is no sign of this kind of machine", key=key), where="--sign",
                repair=text("use one of: {keys}", keys=", ".join(sorted(keys))),
            )  # fmt: skip
        words = sign_text(key)
        found[key] = Sign(
            key, seen, text("{sign} (told)", sign=words) if seen else text("{sign}: not seen (told)", sign=words)
        )
    relevant = [one for one in found.values() if one.key in keys or one.seen]
    card = fault_card(kind, relevant, machine=machine)
    return FaultAnswer(name, card, synthetic, (*notes, *card.notes))


def _of_plant(
    source: Path, machine: str, since: date | None, until: date | None
) -> tuple[str, str, bool, dict[str, Sign], list[Text]]:
    with PlantFolder.open(source) as plant:
        rows = {str(row["id"]): str(row["kind"]) for row in plant.records.read("equipment")}
        if machine not in rows:
            raise ForgecastError(
                text("the plant has no machine {name}", name=machine or "—"), where=str(source),
                repair=text("name one: {names}", names=", ".join(sorted(rows)[:40]) or "—"),
            )  # fmt: skip
        known = plant.telemetry.spans()
        tags = [row for row in plant.records.read("tag", equipment=machine) if str(row["id"]) in known]
        spans = {name: (span.t_lo, span.t_hi) for name, span in known.items()}
        settings = plant.settings
    found: dict[str, Sign] = {}
    notes: list[Text] = []
    for row in tags:
        name, measure = str(row["id"]), str(row["measures"] or "")
        low, high = spans[name]
        every = max((high - low) / 1e6 / _MOST, 1.0)
        try:
            watched = read_signals(source, SignalsAsked((name,), since=since, until=until, every=every))
            changes = find_changes(watched, trials=0)
        except ForgecastError as error:
            notes.append(text("{tag} could not be searched: {why}", tag=name, why=error.what))
            continue
        for key, sign in _signs(measure, changes).items():
            if key not in found or (sign.seen and not found[key].seen):
                found[key] = sign
    if not tags:
        notes.append(text("no tag of {name} has readings; only the signs told count", name=machine))
    return rows[machine], settings.name, settings.synthetic, found, notes


def _signs(measure: str, changes: FoundChanges) -> dict[str, Sign]:
    """Return what the last clear change of a tag says, and that the other direction was not seen."""
    clear = [one for one in changes.found.changes if one.probability < _CHANCE]
    column = changes.watched.columns[0]
    made = {}
    for direction in ("up", "down"):
        key = f"{measure}:{direction}"
        last = clear[-1] if clear else None
        if last is not None and (last.size > 0) == (direction == "up"):
            words = text(
                "{name}: {before} to {after} {unit} at {at} ({tag})", name=sign_text(key), before=f"{last.before:.4g}",
                after=f"{last.after:.4g}", unit=column.unit, at=changes.place(last.at), tag=column.name,
            )  # fmt: skip
            made[key] = Sign(key, seen=True, words=words)
        else:
            made[key] = Sign(
                key, seen=False, words=text("{name}: not seen in {n} values ({tag})", name=sign_text(key),
                                            n=int(np.isfinite(column.values).sum()), tag=column.name),
            )  # fmt: skip
    return made
