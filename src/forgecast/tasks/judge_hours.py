"""Judge every hour of every stack with the figures and limits of an assessment, and enter exceedances in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from forgecast.environment.missing import MISSING_TEXTS, Missing
from forgecast.ground.dates import HOUR_US, Period, from_us, local_day
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text
from forgecast.plant.record import record
from forgecast.plant.rows import Value
from forgecast.rules.book import LAYER_TEXTS, Book, Comparison, Layer, Policy
from forgecast.rules.each_hour import HOUR_WORDS, EachHour, LayerLimit, judge_each_hour
from forgecast.rules.judging import breaks
from forgecast.rules.overlay import permit_book
from forgecast.rules.verdict import Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_plant import EMISSION_BOOK, assessed_books
from forgecast.tasks.permit_limits import permit_limits
from forgecast.tasks.plant_facts import PlantFacts, plant_facts
from forgecast.tasks.plant_view import PlantView
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.stack_figures import MG_M3, PollutantHours

FloatArray = NDArray[np.float64]
#: Entries made from readings begin with this; the rest of the number is stack, pollutant and hour.
ENTRY = "HOUR"


@dataclass(frozen=True, slots=True)
class HourVerdict:
    """One hour of one pollutant of one stack.

    Parameters
    ----------
    stack, pollutant, requirement : str
        The requirement as ``book/id``.
    hour : int
        Hours since 1970-01-01T00:00Z.
    word : Word
    value : float or None
        Judged concentration, mg/m3; None where the hour has no valid one.
    measured : float or None
        Dry gas at the standard state, before conversion to reference oxygen, mg/m3.
    share : float
        Good readings as share of those expected.
    limit : float or None
        The strictest that certainly holds, mg/m3.
    layer : str
    clause : Text or None
    over : tuple of LayerLimit
        Every limit that the hour is above, the laxer ones too.
    why : Text
        Why the word is what it is.
    """

    stack: str
    pollutant: str
    requirement: str
    hour: int
    word: Word
    value: float | None
    measured: float | None
    share: float
    limit: float | None
    layer: str
    clause: Text | None
    over: tuple[LayerLimit, ...]
    why: Text

    def as_json(self) -> dict[str, object]:
        """Return the hour as every JSON answer shows it."""
        return {
            "stack": self.stack,
            "pollutant": self.pollutant,
            "requirement": self.requirement,
            "hour": f"{from_us(self.hour * HOUR_US):%Y-%m-%dT%H:%MZ}",
            "word": str(self.word),
            "value": self.value,
            "unit": MG_M3,
            "measured": self.measured,
            "valid_share": self.share,
            "limit": self.limit,
            "layer": self.layer,
            "clause": None if self.clause is None else self.clause.as_json(),
            "over": [{"layer": one.layer, "limit": one.value, "clause": one.clause.as_json()} for one in self.over],
            "why": self.why.as_json(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class JudgedStack:
    """All hours of one pollutant of one stack under one requirement.

    Parameters
    ----------
    stack, stack_name, pollutant, requirement : str
    title : Text
    hours : (n,) int64 array
    told : PollutantHours
    working : (n,) bool array or None
        Hours in which the stack worked; None where no tag tells and every hour is due.
    each : EachHour
    zone : str
    """

    stack: str
    stack_name: str
    pollutant: str
    requirement: str
    title: Text
    hours: NDArray[np.int64]
    told: PollutantHours
    working: NDArray[np.bool_] | None
    each: EachHour
    zone: str

    @property
    def due(self) -> NDArray[np.bool_]:
        """Return in which hours a value was due, (n,) bool."""
        due: NDArray[np.bool_] = np.ones(self.hours.shape, np.bool_) if self.working is None else self.working
        return due

    @property
    def words(self) -> NDArray[np.uint8]:
        """Return the index into `HOUR_WORDS` of each hour; an hour at rest is `not applicable`."""
        rest = np.uint8(HOUR_WORDS.index(Word.NOT_APPLICABLE))
        return np.where(self.due, self.each.word, rest).astype(np.uint8)

    @property
    def over(self) -> NDArray[np.bool_]:
        """Return which hours do not keep the limit, (n,) bool."""
        return np.asarray(self.words == HOUR_WORDS.index(Word.NOT_MET))

    def count(self, word: Word) -> int:
        """Return how many hours have a word."""
        return int((self.words == HOUR_WORDS.index(word)).sum())

    def reasons(self) -> Counter[Missing]:
        """Return why hours that were due have no value, and how many."""
        codes = self.told.missing[self.due & ~np.isfinite(self.told.judged)]
        return Counter(Missing(int(code)) for code in codes if code != Missing.PRESENT)

    def at(self, index: int) -> HourVerdict:
        """Return one hour by its place."""
        word = HOUR_WORDS[int(self.words[index])]
        value, limit = float(self.told.judged[index]), float(self.each.limit[index])
        bound = int(self.each.bound[index])
        number = self.each.binding[bound] if bound >= 0 else None
        day = local_day(int(self.hours[index]) * HOUR_US, self.zone)
        layers = tuple(one for one in self.each.layers if one.start <= day < one.end)
        return HourVerdict(
            stack=self.stack,
            pollutant=self.pollutant,
            requirement=self.requirement,
            hour=int(self.hours[index]),
            word=word,
            value=value if np.isfinite(value) else None,
            measured=float(self.told.measured[index]) if np.isfinite(self.told.measured[index]) else None,
            share=float(self.told.share[index]),
            limit=limit if np.isfinite(limit) else None,
            layer="" if number is None else str(number.layer),
            clause=None if number is None else number.clause,
            over=tuple(one for one in layers if _above(value, one.value)) if word is Word.NOT_MET else (),
            why=self._why(index, word),
        )

    def __iter__(self) -> Iterator[HourVerdict]:
        return (self.at(index) for index in range(self.hours.size))

    def _why(self, index: int, word: Word) -> Text:
        if word is Word.NOT_APPLICABLE and not self.due[index]:
            return text("the stack stood still")
        if not np.isfinite(self.told.judged[index]):
            return MISSING_TEXTS[Missing(int(self.told.missing[index])) or Missing.NO_VALUE]
        if word is Word.NOT_MET:
            return text("above the limit")
        if word is Word.MET:
            return text("keeps the limit")
        if word is Word.NOT_APPLICABLE:
            return text("no limit held on this day")
        return text("the limit is not settled: see the verdict of the whole stretch")


@dataclass(frozen=True, slots=True, eq=False)
class JudgedHours:
    """Every hour of a stretch, by stack, pollutant and requirement; and what could not be judged."""

    period: Period
    zone: str
    stacks: tuple[JudgedStack, ...]
    facts: PlantFacts
    findings: tuple[Finding, ...]

    def of_stacks(self, stacks: Collection[str]) -> JudgedHours:
        """Return the hours of some stacks; of all where none is named.

        Raises
        ------
        ForgecastError
            If a stack is not on record.
        """
        if not stacks:
            return self
        for stack in stacks:
            if stack not in self.facts.stacks:
                raise ForgecastError(
                    text("there is no stack {stack}", stack=stack),
                    repair=text("use one of: {names}", names=", ".join(self.facts.stacks) or "—"),
                )
        return replace(self, stacks=tuple(one for one in self.stacks if one.stack in stacks))

    def exceedances(self) -> list[HourVerdict]:
        """Return every hour over a limit once for its stack and pollutant: the one with the strictest limit."""
        worst: dict[tuple[str, str, int], HourVerdict] = {}
        for judged in self.stacks:
            for index in np.flatnonzero(judged.over):
                one = judged.at(int(index))
                key = (one.stack, one.pollutant, one.hour)
                old = worst.get(key)
                if old is None or (one.limit or 0.0) < (old.limit or 0.0):
                    worst[key] = one
        return [worst[key] for key in sorted(worst, key=lambda k: (k[2], k[0], k[1]))]


def judge_hours(folder: PlantFolder, period: Period, *, view: PlantView | None = None) -> JudgedHours:
    """Judge each hour of a stretch of days by the books and permits that an assessment uses.

    Parameters
    ----------
    folder : PlantFolder
    period : Period
        Plant-local days.
    view : PlantView or None
        Another look at the same plant (with readings that are still on their way); None means what is stored.

    Returns
    -------
    JudgedHours
        Figures come from `stack_figures` and limits from the books' bindings, as in `assess_plant`: an hour over a
        limit here is an hour of an exceedance there.
    """
    view = view or PlantView(folder, period, period.end - timedelta(days=1))
    limits, undated = permit_limits(view)
    books = assessed_books(view, limits)
    facts = plant_facts(view, next(book for book in books if book.id == EMISSION_BOOK))
    settings = folder.settings
    policy = Policy(minimum_coverage=settings.minimum_coverage, decision=settings.decision_rule)
    judged = [one for book in books for one in _by_book(view, facts, book, policy)]
    # As in `permit_limits.without_law`: a requirement of which no number certainly holds has judged nothing.
    law = {(one.stack, one.pollutant) for one in judged if np.isfinite(one.each.limit).any()}
    beside = tuple(limit for limit in limits if (limit.stack, limit.figure) not in law)
    if beside:
        judged += _by_book(view, facts, permit_book(beside, version=view.at.isoformat()), policy)
    return JudgedHours(view.period, view.zone, tuple(judged), facts, (*undated, *facts.findings))


def _by_book(view: PlantView, facts: PlantFacts, book: Book, policy: Policy) -> list[JudgedStack]:
    first, end = view.hours
    hours = np.arange(first, end, dtype=np.int64)
    found = []
    for requirement in book.requirements:
        for subject in facts.base.of_kind("stack") if requirement.kind == "stack" else ():
            figures = facts.stacks[subject.id]
            told = figures.hours.get(requirement.figure)
            if told is None or requirement.unit != MG_M3:
                continue
            each = judge_each_hour(book, requirement, subject, facts.base, policy, hours, told.judged, view.zone)
            if each is not None:
                found.append(
                    JudgedStack(
                        subject.id,
                        subject.name,
                        requirement.figure,
                        f"{book.id}/{requirement.id}",
                        requirement.title,
                        hours,
                        told,
                        figures.working,
                        each,
                        view.zone,
                    )
                )
    return found


def entry_id(stack: str, pollutant: str, hour: int) -> str:
    """Return the number of the ledger entry of an hour: the same hour has the same number whenever it is judged."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    return f"{ENTRY}-{stack}-{pollutant}-{moment:%Y%m%dT%H}Z"


@dataclass(frozen=True, slots=True)
class Entered:
    """What was written into the ledger: entries new, judged anew after corrected data, and already there."""

    new: tuple[str, ...]
    anew: tuple[str, ...]
    same: int


def enter_exceedances(
    folder: PlantFolder, judged: JudgedHours, *, only: Collection[int] | None = None, by: str = ""
) -> Entered:
    """Write an entry for each hour over a limit, once; judge earlier entries anew where the data were corrected.

    An entry is never deleted. Where corrected readings change the value, the entry says what it was before; where
    the hour no longer exceeds the limit, its value says so and the entry stays.

    Parameters
    ----------
    folder : PlantFolder
    judged : JudgedHours
    only : collection of int or None
        The hours that are finished; None means all of them.
    by : str
        Who answers for it; see `record_entries`.

    Raises
    ------
    PlantError
        If the plant is busy or the disk refuses; then nothing was written.
    """
    first, end = _bounds(judged)
    before = {
        str(row["id"]): row
        for row in folder.records.read("ledger_entry", section="abnormal", automatic=True)
        if isinstance(row["began_at"], int)
        and first <= row["began_at"] // HOUR_US < end
        and (only is None or row["began_at"] // HOUR_US in only)
    }
    over = {
        entry_id(one.stack, one.pollutant, one.hour): one
        for one in judged.exceedances()
        if only is None or one.hour in only
    }
    rows: list[dict[str, Value]] = []
    new, anew, same = [], [], 0
    for name, one in over.items():
        old = before.get(name)
        if old is None:
            new.append(name)
            rows.append(_row(name, one, _over_words(one)))
        elif _same(old["value"], one.value) and _same(old["limit"], one.limit):
            same += 1
        else:
            anew.append(name)
            rows.append(_row(name, one, _anew_words(_number(old["value"]), one)))
    for name, old in before.items():
        if name in over or not name.startswith(f"{ENTRY}-"):
            continue
        now = _looked_up(judged, str(old["stack"]), str(old["pollutant"]), int(str(old["began_at"])) // HOUR_US)
        if now is None or _same(old["value"], now.value):
            same += 1
            continue
        anew.append(name)
        rows.append(_row(name, now, _anew_words(_number(old["value"]), now)))
    if rows:
        record_entries(folder, "ledger_entry", rows, by=by)
    return Entered(tuple(new), tuple(anew), same)


def _bounds(judged: JudgedHours) -> tuple[int, int]:
    start, end = judged.period.bounds_us(judged.zone)
    return start // HOUR_US, -(-end // HOUR_US)


def _looked_up(judged: JudgedHours, stack: str, pollutant: str, hour: int) -> HourVerdict | None:
    for one in judged.stacks:
        if (one.stack, one.pollutant) == (stack, pollutant) and one.hours.size:
            index = hour - int(one.hours[0])
            return one.at(index) if 0 <= index < one.hours.size else None
    return None


def _row(name: str, one: HourVerdict, what: Text) -> dict[str, Value]:
    return {
        "id": name,
        "section": "abnormal",
        "began_at": one.hour * HOUR_US,
        "ended_at": (one.hour + 1) * HOUR_US,
        "stack": one.stack,
        "pollutant": one.pollutant,
        "value": one.value,
        "limit": one.limit,
        "unit": MG_M3,
        "clause": ""
        if one.clause is None
        else both(text("{clause} ({layer})", clause=one.clause, layer=LAYER_TEXTS[Layer(one.layer)])),
        "what": both(what),
        "automatic": True,
    }


def _over_words(one: HourVerdict) -> Text:
    return text(
        "1-h mean of {pollutant} at {stack} is {value} mg/m3; {limit} mg/m3 are allowed",
        pollutant=pollutant_text(one.pollutant),
        stack=one.stack,
        value=_said(one.value),
        limit=_said(one.limit),
    )


def _anew_words(before: float | None, one: HourVerdict) -> Text:
    if one.word is Word.NOT_MET:
        return text(
            "judged anew after corrected data: 1-h mean of {pollutant} at {stack} is {value} mg/m3 (before: {before}); "
            "{limit} mg/m3 are allowed",
            pollutant=pollutant_text(one.pollutant),
            stack=one.stack,
            value=_said(one.value),
            before=_said(before),
            limit=_said(one.limit),
        )
    if one.value is None:
        return text(
            "judged anew after corrected data: 1-h mean of {pollutant} at {stack} is no longer valid (before: {before} "
            "mg/m3): {why}",
            pollutant=pollutant_text(one.pollutant),
            stack=one.stack,
            before=_said(before),
            why=one.why,
        )
    return text(
        "judged anew after corrected data: 1-h mean of {pollutant} at {stack} is {value} mg/m3 (before: {before}) and "
        "no longer above the limit",
        pollutant=pollutant_text(one.pollutant),
        stack=one.stack,
        value=_said(one.value),
        before=_said(before),
    )


def both(said: Text) -> str:
    """Return a sentence for a text field of a record, in both languages."""
    en, zh = said.say("en"), said.say("zh")
    return en if en == zh else f"{en} / {zh}"


def pollutant_text(code: str) -> Text:
    """Return the name of a pollutant in both languages."""
    written = {"pm": "PM", "so2": "SO2", "nox": "NOx", "pb": "lead", "nmhc": "NMHC", "tvoc": "TVOC"}
    names = {choice.code: choice.zh for choice in record("stack_test").field("pollutant").choices}
    return Text(written.get(code, code.replace("_", " ")), names.get(code, code))


def _above(value: float, limit: float) -> bool:
    return bool(breaks(np.array([value]), Comparison.AT_MOST, limit)[0])


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _same(old: Value, new: float | None) -> bool:
    before = _number(old)
    if before is None or new is None:
        return before is None and new is None
    return abs(before - new) <= 1e-9 * max(abs(before), abs(new))


def _said(value: float | None) -> str:
    return "—" if value is None else f"{value:.4g}"


def merged_hours(hours: Sequence[int]) -> list[tuple[int, int]]:
    """Return runs of consecutive hours as (first, end), end exclusive.

    Parameters
    ----------
    hours : sequence of int
        Ascending.
    """
    runs: list[tuple[int, int]] = []
    for hour in hours:
        if runs and runs[-1][1] == hour:
            runs[-1] = (runs[-1][0], hour + 1)
        else:
            runs.append((hour, hour + 1))
    return runs
