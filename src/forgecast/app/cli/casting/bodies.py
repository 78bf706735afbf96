"""Risers and chills as they are written on the command line: words with units, or a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

from forgecast.app.casting.asked_bodies import AskedChill, AskedRiser
from forgecast.app.cli.quantity import quantity, triple
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

Kind: TypeAlias = Literal["length", "place", "size", "name"]
Value: TypeAlias = "float | str | tuple[float, float, float]"

_RISER: Final[dict[str, Kind]] = {
    "at": "place", "diameter": "length", "height": "length", "sleeve": "name", "thickness": "length"
}  # fmt: skip
_CHILL: Final[dict[str, Kind]] = {"at": "place", "size": "size", "medium": "name"}
RISER_EXAMPLE: Final = "at=45mm,40mm,55mm diameter=50mm height=75mm"
CHILL_EXAMPLE: Final = "at=120mm,10mm,-15mm size=30mm,60mm,15mm medium=iron-chill"


def asked_riser(words: str) -> AskedRiser:
    """Return a riser from ``at=45mm,40mm,55mm diameter=50mm height=75mm`` or from ``file=riser.stl``.

    Raises
    ------
    ForgecastError
        If a word is not understood, one is missing, or a number has no unit.
    """
    found = _read(words, {**_RISER, "file": "name"}, "--riser", RISER_EXAMPLE)
    if "file" in found:
        _refuse_beside(found, "file", {"file"}, "--riser", RISER_EXAMPLE)
        return AskedRiser(file=Path(str(found["file"])))
    _need(found, ("at", "diameter", "height"), "--riser", RISER_EXAMPLE)
    if ("sleeve" in found) != ("thickness" in found):
        _need(found, ("sleeve", "thickness"), "--riser", f"{RISER_EXAMPLE} sleeve=insulating-sleeve thickness=10mm")
    return AskedRiser(**found)  # type: ignore[arg-type]


def asked_chill(words: str) -> AskedChill:
    """Return a chill from ``at=… size=… medium=iron-chill`` or from ``file=chill.stl medium=iron-chill``.

    Raises
    ------
    ForgecastError
        As `asked_riser`.
    """
    found = _read(words, {**_CHILL, "file": "name"}, "--chill", CHILL_EXAMPLE)
    _need(found, ("medium",), "--chill", CHILL_EXAMPLE)
    if "file" in found:
        _refuse_beside(found, "file", {"file", "medium"}, "--chill", CHILL_EXAMPLE)
        return AskedChill(str(found["medium"]), file=Path(str(found["file"])))
    _need(found, ("at", "size"), "--chill", CHILL_EXAMPLE)
    return AskedChill(**found)  # type: ignore[arg-type]


def _read(words: str, kinds: Mapping[str, Kind], where: str, example: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for word in words.split():
        name, equals, value = word.partition("=")
        if not equals or name not in kinds or name in found:
            raise ForgecastError(
                text("{word} is not understood", word=word),
                where=where,
                repair=text("write {example}; known are {names}", example=example, names=", ".join(kinds)),
            )
        kind = kinds[name]
        at = f"{where} {name}"
        if kind == "length":
            found[name] = quantity(value, "length", at)
        elif kind == "name":
            found[name] = value
        else:
            three = triple(value, "length", at)
            if kind == "size" and min(three) <= 0.0:
                raise ForgecastError(
                    text("{words} is not above zero", words=value),
                    where=at,
                    repair=text("write x, y and z with their units, such as 10mm,0mm,45mm"),
                )
            found[name] = three
    return found


def _need(found: Mapping[str, Value], names: tuple[str, ...], where: str, example: str) -> None:
    missing = [name for name in names if name not in found]
    if missing:
        raise ForgecastError(
            text("{names} is missing", names=", ".join(missing)),
            where=where,
            repair=text("write {example}", example=example),
        )


def _refuse_beside(found: Mapping[str, Value], name: str, allowed: set[str], where: str, example: str) -> None:
    others = [other for other in found if other not in allowed]
    if others:
        raise ForgecastError(
            text("{names} cannot stand beside {name}", names=", ".join(others), name=name),
            where=where,
            repair=text("write {example}", example=example),
        )
