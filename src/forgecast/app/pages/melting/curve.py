"""A cooling curve: sent as a file, read with its arrests, drawn with what smoothing adds."""

from __future__ import annotations

from typing import Any

from forgecast.app.doors.melting.curve import CURVE, AskedCurve
from forgecast.app.pages.melting.case_form import contents_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    button,
    buttons,
    card,
    chart,
    choice_field,
    columns,
    draft,
    fold,
    heading,
    key_figures,
    number_field,
    put,
    row,
    table,
    tag,
    text_field,
    toast,
    upload_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text, verbatim

_ZERO = 273.15


@page("melt", "melt/curve", text("Cooling curve"), in_menu=True)
async def curve(visit: Visit) -> None:
    """Fill the page of a cooling curve."""
    heading(
        visit,
        text("Cooling curve"),
        lead=text("Liquidus, undercooling, recalescence and the end of freezing, out of the file of a cup."),
    )
    await _Form(visit).place()


class _Form:
    """The form of a reading."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._upload = ""

    async def place(self) -> None:
        visit = self._visit
        kept = await draft(visit, "melting-curve")
        self._upload = str(kept.values.get("upload") or "")

        async def sent(upload_id: str, name: str) -> None:
            self._upload = kept.values["upload"] = upload_id
            kept.values["file"] = name
            await kept.save()
            await self._start()

        with columns(2):
            with card(visit, text("The file")):
                upload_field(
                    visit,
                    text("Table of time and temperature"),
                    accept=".csv,.txt,.xlsx,.parquet,.gz",
                    kept=sent,
                    hint=text("Headers with their units, such as time [s] and T [degC], or 温度(℃)."),
                )
                self._alloy = kept.keep(
                    "alloy",
                    choice_field(
                        visit,
                        text("What was poured"),
                        {"iron": text("cast iron"), "alsi": text("Al-Si alloy")},
                        value="iron",
                    ),
                )
            with card(visit, text("What you know beside it"), note=text("All of it may stay empty.")):
                with row():
                    self._graphite = kept.keep(
                        "graphite", number_field(visit, text("Graphite eutectic, measured"), unit="°C")
                    )
                    self._white = kept.keep("white", number_field(visit, text("White eutectic, measured"), unit="°C"))
                    self._reference = kept.keep(
                        "reference", number_field(visit, text("Unmodified Al-Si eutectic"), unit="°C")
                    )
                    self._room = kept.keep("room", number_field(visit, text("Surroundings"), unit="°C"))
                    self._window = kept.keep("window", number_field(visit, text("Smoothed over"), unit="s", least=0.1))
                self._contents = kept.keep(
                    "contents",
                    text_field(
                        visit, text("Contents by the spectrometer [%]"), placeholder=verbatim("Si 2.10, Mn 0.30")
                    ),
                )
                self._spreads = kept.keep(
                    "spreads",
                    text_field(visit, text("Their standard deviations [%]"), placeholder=verbatim("Si 0.03, Mn 0.01")),
                )
        with row():
            button(visit, text("Read the curve"), self._start, kind="main")
        self._place = RunPlace(visit, lambda told, job: _shown(visit, told, job), what=text("Reading the curve"))
        await self._place.resume()

    async def _start(self) -> None:
        if not self._upload:
            toast(self._visit, text("Send a file first."), tone="warn")
            return
        try:
            question = AskedCurve(
                upload=self._upload,
                alloy=self._alloy.value,
                content_percent=contents_of(self._contents.value) if self._contents.value else {},
                content_spread_percent=contents_of(self._spreads.value) if self._spreads.value else {},
                graphite_degC=self._graphite.value,
                white_degC=self._white.value,
                reference_degC=self._reference.value,
                surroundings_degC=self._room.value,
                window_s=self._window.value,
            )
        except ForgecastError as error:
            self._place.refuse(error)
            return
        await self._place.start(CURVE, question)


def _shown(visit: Visit, told: dict[str, Any], job: str) -> None:
    liquidus, eutectic, end = told["liquidus"], told["eutectic"], told["end"]
    key_figures(
        visit,
        [
            KeyFigure(text("Liquidus (TL)"), _degc(None if liquidus is None else liquidus["high"]), "°C"),
            KeyFigure(text("Lowest eutectic (TElow)"), _degc(None if eutectic is None else eutectic["low"]), "°C"),
            KeyFigure(text("Recalescence"), None if eutectic is None else eutectic["recalescence_K"], "K"),
            KeyFigure(text("End of freezing (TS)"), _degc(end), "°C"),
            *_of_alloy(told),
        ],
    )
    with card(visit, text("Temperature and rate"), note=told["file"]):
        chart(visit, _drawn(told), title=text("Cooling curve"), height=420)
    with columns(2):
        with card(visit, text("Marked points"), flush=True):
            heads = [
                Heading(text("Sign")),
                Heading(text("What")),
                Heading(text("Time"), "s", numeric=True),
                Heading(text("Temperature"), "°C", numeric=True),
                Heading(text("Rate"), "K/s", numeric=True),
            ]
            rows = [
                (
                    one["sign"],
                    visit.say(one["title"]),
                    one["time_s"],
                    f"{one['temperature_degC']:.1f}",
                    one["rate_K_per_s"],
                )
                for one in told["marks"]
            ]
            table(visit, heads, rows, empty=text("No arrest was found."))
        with card(visit, text("What to know")):
            put(tag("ul", *(tag("li", visit.say(one)) for one in told["notes"]), class_="fc-list"))
            said = text(
                "{count} readings; smoothed over {window} s; a temperature is read off to {doubt} K",
                count=told["readings"],
                window=told["window_s"],
                doubt=_short(told["temperature_uncertainty_K"]),
            )
            put(tag("p", visit.say(said), class_="fc-soft"))
    if told["picture"]:
        to = visit.file_address(job, told["picture"])
        buttons([tag("a", visit.say(text("Picture to keep (PNG)")), href=to, class_="fc-button", download=True)])
    with fold(visit, text("All figures")):
        table(visit, [text("Figure"), text("Value")], list(_all(visit, told)))


def _degc(point: dict[str, Any] | None) -> float | None:
    return None if point is None else round(point["temperature_K"] - _ZERO, 1)


def _short(value: float | None) -> str:
    return "—" if value is None else f"{value:.2g}"


def _of_alloy(told: dict[str, Any]) -> list[KeyFigure]:
    found: list[KeyFigure] = []
    for name, words in (("carbon_equivalent", text("Carbon equivalent (CEL)")), ("carbon", text("Carbon"))):
        one = told[name]
        if one is not None and one["value"] is not None:
            doubt = None if one["uncertainty"] is None else text("± {doubt} %", doubt=f"{100 * one['uncertainty']:.2g}")
            found.append(KeyFigure(words, round(100 * one["value"], 3), "%", note=doubt))
    if told["iron"] is not None:
        found.append(KeyFigure(text("Undercooling"), told["iron"]["undercooling"], "K"))
    if told["alsi"] is not None:
        found.append(KeyFigure(text("Depression of the eutectic"), told["alsi"]["depression"], "K"))
    return found


def _all(visit: Visit, told: dict[str, Any]) -> list[tuple[str, str]]:
    names: dict[str, Text] = {
        "above_white_low": text("TElow above the white eutectic (ΔT1)"),
        "above_white_high": text("TEhigh above the white eutectic (ΔT2)"),
        "above_white_end": text("End of freezing above the white eutectic (ΔT3)"),
        "undercooling": text("Undercooling below the graphite eutectic"),
        "depression": text("Depression of the eutectic (modification)"),
        "liquidus_undercooling": text("Undercooling of the liquidus (refinement)"),
    }
    held = {**(told["iron"] or {}), **(told["alsi"] or {})}
    return [
        (visit.say(names[name]), f"{value:.4g} K")
        for name, value in held.items()
        if name in names and value is not None
    ]


def _drawn(told: dict[str, Any]) -> dict[str, Any]:
    step = max(1, len(told["time_s"]) // 1500)
    fine = max(1, len(told["smoothed_time_s"]) // 1500)
    return {
        "x": told["time_s"][::step],
        "x_name": text("Time").as_json(),
        "x_unit": "s",
        "series": [
            {
                "name": text("readings").as_json(),
                "unit": "°C",
                "values": told["readings_degC"][::step],
                "tone": "plain",
            },
            {
                "name": text("smoothed").as_json(),
                "unit": "°C",
                "x": told["smoothed_time_s"][::fine],
                "values": told["smoothed_degC"][::fine],
            },
            {
                "name": text("rate").as_json(),
                "unit": "K/s",
                "x": told["smoothed_time_s"][::fine],
                "values": told["rate_K_per_s"][::fine],
            },
        ],
        "marks": [
            {"at": one["time_s"], "value": one["temperature_degC"], "name": one["sign"], "note": one["title"]}
            for one in told["marks"]
        ],
    }
