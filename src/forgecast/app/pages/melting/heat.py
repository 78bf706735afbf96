"""One heat: what was charged, sampled, measured, treated and poured, and what came of it."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.melting.log import HEAT, AboutHeat
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    asked,
    buttons,
    card,
    chip,
    columns,
    fold,
    heading,
    joined,
    key_figures,
    lines,
    link,
    moment,
    number,
    put,
    table,
    tag,
)
from forgecast.app.pages.parts.markup import Content
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

#: Tones of the states of a heat.
TONES = {"released": "good", "conceded": "warn", "recorded": "unknown"}


@page("melt", "melt/heat", text("A heat"))
async def heat(visit: Visit) -> None:
    """Fill the page of a heat."""
    number_of = visit.query.get("id", "")
    await asked(visit, HEAT, AboutHeat(id=number_of), lambda told: _heat(visit, told), height=400)


def _heat(visit: Visit, told: dict[str, Any]) -> None:
    values = told["values"]
    state = None
    if told["standing"] is not None:
        code = told["standing"]["state"]["code"]
        state = chip(visit, told["standing"]["state"], TONES.get(code, "bad"))
    heading(visit, text("Heat {id}", id=told["id"]), aside=state)
    _links(visit, told)
    key_figures(
        visit,
        [
            KeyFigure(text("Tapped"), _clock(visit, values["tapped_at"]), note=_said(values["furnace"])),
            KeyFigure(text("Alloy"), _said(values["alloy"])),
            KeyFigure(text("Mass tapped"), values["mass"], "kg"),
            KeyFigure(text("Tapping temperature"), values["tap_temperature_degC"], "°C"),
            KeyFigure(text("Energy"), told["energy_kWh_per_t"], "kWh/t"),
            KeyFigure(text("Moulds"), told["moulds"], note=_pieces(told)),
        ],
    )
    with columns(2):
        with card(visit, text("Charge"), flush=True):
            _charge(visit, told)
        with card(visit, text("What came of it"), flush=True):
            _products(visit, told)
    with card(visit, text("Samples"), flush=True):
        _samples(visit, told)
    with columns(2):
        with card(visit, text("Temperatures"), flush=True):
            table(
                visit,
                [text("When"), text("Place"), Heading(text("Temperature"), "°C", numeric=True), text("Instrument")],
                [
                    (
                        _time(visit, one, "measured_at"),
                        _v(one, "ladle") or _v(one, "place"),
                        _v(one, "temperature_degC"),
                        _v(one, "instrument"),
                    )
                    for one in told["temperatures"]
                ],
                empty=text("No temperature is on record."),
            )
        with card(visit, text("Ladles"), flush=True):
            _ladles(visit, told)
    with card(visit, text("Treatments"), flush=True):
        _treatments(visit, told)
    _decisions(visit, told)


def _links(visit: Visit, told: dict[str, Any]) -> None:
    name = str(told["id"])
    places = [
        (text("Origin, life and decisions"), visit.link("pieces/of", kind="heat", id=name)),
        (text("What came of it"), visit.link("pieces/of", kind="heat", id=name, tab="forward")),
        (
            text("Check against a grade"),
            visit.link("pieces/grades", heat=name, name=str(told["values"]["alloy"] or "")),
        ),
        (text("Row and history"), visit.link("data/row/heat", key0=name)),
    ]
    if visit.may(Right.RECORD):
        places.insert(0, (text("Correct the bath"), visit.link("melt/correct", heat=name)))
    buttons([tag("a", visit.say(words), href=to, class_="fc-button") for words, to in places])


def _clock(visit: Visit, at: Any) -> Content:  # noqa: ANN401  (JSON)
    whole = moment(at, visit.zone)
    return tag("span", whole, style="font-size:var(--l)")


def _said(value: Any) -> str | None:  # noqa: ANN401  (JSON)
    return None if value is None else str(value)


def _v(one: dict[str, Any], name: str) -> Any:  # noqa: ANN401  (JSON)
    return one["values"].get(name)


def _time(visit: Visit, one: dict[str, Any], name: str) -> Content:
    return moment(_v(one, name), visit.zone)


def _pieces(told: dict[str, Any]) -> Any:  # noqa: ANN401  (words)
    count = sum(one["pieces"] for one in told["products"])
    return text("{count} pieces on record", count=count)


def _charge(visit: Visit, told: dict[str, Any]) -> None:
    total = sum(_v(one, "mass") or 0.0 for one in told["charge"])
    rows = []
    for one in told["charge"]:
        lot = _v(one, "lot")
        name = told["lots"].get(lot, "")
        from_lot = link(visit, str(lot), visit.link("pieces/of", kind="lot", id=str(lot))) if lot else None
        share = 100.0 * _v(one, "mass") / total if total else None
        rows.append(
            (
                lines(visit.say(told["materials"].get(_v(one, "material"), str(_v(one, "material")))), name),
                from_lot,
                _v(one, "mass"),
                share,
                _time(visit, one, "added_at"),
            )
        )
    heads = [
        Heading(text("Material")),
        Heading(text("Lot")),
        Heading(text("Mass"), "kg", numeric=True),
        Heading(text("Share"), "%", numeric=True),
        Heading(text("When")),
    ]
    table(visit, heads, rows, empty=text("What was charged is not on record for this heat."))


def _samples(visit: Visit, told: dict[str, Any]) -> None:
    samples = told["samples"]
    elements = [
        name.removesuffix("_percent")
        for name in (samples[0]["values"] if samples else {})
        if name.endswith("_percent") and any(_v(one, name) is not None for one in samples)
    ]
    heads = [Heading(text("When")), Heading(text("Sample")), Heading(text("Stage")), Heading(text("Instrument"))]
    heads += [Heading(element, "%", numeric=True) for element in elements]
    rows = []
    for one in samples:
        refused = chip(visit, text("not valid"), "bad") if _v(one, "valid") is False else None
        rows.append(
            (
                _time(visit, one, "taken_at"),
                joined(link(visit, one["key"][0], visit.link("data/row/sample", key0=one["key"][0])), " ", refused),
                visit.say(told["stages"].get(_v(one, "stage"), str(_v(one, "stage")))),
                _v(one, "instrument"),
                *(None if (value := _v(one, f"{e}_percent")) is None else number(value) for e in elements),
            )
        )
    table(visit, heads, rows, empty=text("No sample is on record; the contents of its row stand below."))
    if not samples and told["contents_percent"]:
        said = ", ".join(f"{element} {value:g} %" for element, value in told["contents_percent"].items())
        put(tag("p", said), classes="fc-card-body")


def _treatments(visit: Visit, told: dict[str, Any]) -> None:
    rows = []
    for one in told["treatments"]:
        lot = _v(one, "lot")
        rows.append(
            (
                _time(visit, one, "started_at"),
                visit.say(told["kinds"].get(_v(one, "kind"), str(_v(one, "kind")))),
                _v(one, "ladle"),
                link(visit, str(lot), visit.link("pieces/of", kind="lot", id=str(lot))) if lot else None,
                _v(one, "mass"),
                _v(one, "temperature_degC"),
            )
        )
    heads = [
        Heading(text("When")),
        Heading(text("Treatment")),
        Heading(text("Ladle")),
        Heading(text("Lot")),
        Heading(text("Mass"), "kg", numeric=True),
        Heading(text("Temperature"), "°C", numeric=True),
    ]
    table(visit, heads, rows, empty=text("No treatment is on record."))


def _ladles(visit: Visit, told: dict[str, Any]) -> None:
    rows = [
        (
            link(visit, one["key"][0], visit.link("pieces/of", kind="ladle", id=one["key"][0])),
            _v(one, "vessel"),
            _time(visit, one, "filled_at"),
            _time(visit, one, "emptied_at"),
            _v(one, "mass"),
            _v(one, "temperature_degC"),
        )
        for one in told["ladles"]
    ]
    heads = [
        Heading(text("Ladle")),
        Heading(text("Vessel")),
        Heading(text("Filled")),
        Heading(text("Emptied")),
        Heading(text("Mass"), "kg", numeric=True),
        Heading(text("Temperature"), "°C", numeric=True),
    ]
    table(visit, heads, rows, empty=text("No ladle is on record."))


def _products(visit: Visit, told: dict[str, Any]) -> None:
    table(
        visit,
        [Heading(text("Product")), Heading(text("Result")), Heading(text("Pieces"), numeric=True)],
        [(one["product"], visit.say(one["title"]), one["pieces"]) for one in told["products"]],
        empty=text("No piece on record names this heat."),
    )


def _decisions(visit: Visit, told: dict[str, Any]) -> None:
    standing = told["standing"]
    if standing is None or not standing["steps"]:
        return
    with fold(visit, text("Decisions on it")):
        table(
            visit,
            [text("When"), text("What"), text("Who"), text("Then")],
            [
                (moment(one["decided_at"], visit.zone), visit.say(one["title"]), one["by"], visit.say(one["after"]))
                for one in standing["steps"]
            ],
        )
