"""Doors of figures over many heats: how magnesium fades in the ladles, and whether the metal of each month closes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.melting.metal_balance import STREAMS
from forgecast.store.server.rights import Right
from forgecast.tasks.balance_metal import balance_metal
from forgecast.tasks.fade_of_ladles import fade_of_ladles

Told = dict[str, Any]


class AskedFade(Question):
    """Which element, how low it may come, and how well it is measured."""

    element: str = Asked(default="Mg", pattern="^[A-Z][a-z]?$")
    lowest_percent: float | None = Asked(default=None, gt=0, lt=100, description="Content to be kept until the end.")
    spread_percent: float | None = Asked(
        default=None, gt=0, lt=100, description="Standard deviation of one sample, where none is on record."
    )
    confidence: float = Asked(default=0.95, gt=0.5, lt=1.0)


class LadleTold(BaseModel):
    """A ladle: what it held at the treatment, and until when it could have been poured."""

    ladle: str
    start: float
    start_uncertainty: float
    pour_before_s: float | None


class FadeTold(BaseModel):
    """How an element fades after the treatment."""

    element: str
    rate_per_s: float
    rate_uncertainty_per_s: float
    half_life_s: float | None
    half_life_uncertainty_s: float | None
    fit_probability: float | None
    lowest: float | None
    confidence: float
    ladles: list[LadleTold]


def _fade(call: Call, question: AskedFade) -> Mapping[str, Any]:
    return fade_of_ladles(
        call.plant,
        question.element,
        spread=None if question.spread_percent is None else question.spread_percent / 100.0,
        lowest=None if question.lowest_percent is None else question.lowest_percent / 100.0,
        confidence=question.confidence,
    ).as_json()


class AskedBalance(Question):
    """Which alloys and months, and how well masses are known; without that nothing is judged."""

    alloys: list[str] = Asked(default=[])
    months: list[str] = Asked(default=[], description="As 2026-03.")
    scale: float | None = Asked(
        default=None, gt=0, lt=1, description="Standard deviation of every mass as a share of it, such as 0.005."
    )
    doubts: list[str] = Asked(default=[], description="Another one for a stream, such as loss=0.2.")
    confidence: float = Asked(default=0.95, gt=0.5, lt=1.0)


class StreamTold(BaseModel):
    """A stream of the balance."""

    stream: str
    title: Words


class AlloyTold(BaseModel):
    """The balance of one alloy."""

    alloy: str
    months: list[Told]
    probability: float | None
    suspicious: list[list[str]]
    suspects: list[Told]
    missing: list[Told]
    notes: list[Words]


class BalanceTold(BaseModel):
    """The balances of the metal by alloy and month."""

    confidence: float
    doubts: dict[str, float]
    streams: list[StreamTold]
    alloys: list[AlloyTold]
    notes: list[Words]


def _balance(call: Call, question: AskedBalance) -> Mapping[str, Any]:
    answer = balance_metal(
        call.plant,
        doubts=_doubts(question),
        alloys=question.alloys,
        months=question.months,
        confidence=question.confidence,
    )
    streams = [{"stream": name, "title": title.as_json()} for name, title in STREAMS.items()]
    return {**answer.as_json(), "streams": streams}


def _doubts(question: AskedBalance) -> dict[str, float]:
    told = {} if question.scale is None else dict.fromkeys(STREAMS, question.scale)
    for one in question.doubts:
        stream, _, share = one.partition("=")
        try:
            value = float(share)
        except ValueError:
            value = -1.0
        if stream not in STREAMS or not 0.0 <= value < 1.0:
            raise ForgecastError(
                text("{doubt} is no doubt of a stream", doubt=one),
                where="doubts",
                repair=text("write one of them and a share: {streams}", streams=" ".join(f"{s}=0.02" for s in STREAMS)),
            )
        told[stream] = value
    silent = [stream for stream in STREAMS if stream not in told]
    if told and silent:
        raise ForgecastError(
            text("nobody has said how well {stream} is known", stream=silent[0]),
            where="doubts",
            repair=text("give a scale for all streams, and doubts for those that differ"),
        )
    return told


FADE = Door("melting", "fade", text("How magnesium fades in the plant's ladles, and how long each could have waited."),
            Right.SEE, Way.FIGURE, AskedFade, FadeTold, _fade)  # fmt: skip
BALANCE = Door("melting", "balance", text("Whether the metal closes by alloy and month, and what is missing for it."),
               Right.SEE, Way.FIGURE, AskedBalance, BalanceTold, _balance)  # fmt: skip

FIGURE_DOORS: tuple[Door[Any], ...] = (FADE, BALANCE)
