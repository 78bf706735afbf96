"""Tell people of alarms: messages go into an outbox on the disk, and out of it by e-mail and webhook."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from forgecast.gateway.notify.send import MailServer, NotSentError, post, send_mail
from forgecast.ground.dates import HOUR_US, MINUTE_US, SECOND_US, from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text
from forgecast.signals.alarm.definition import KIND_TEXTS, PRIORITIES, PRIORITY_TEXTS, Kind, Priority
from forgecast.signals.alarm.event import Event, What
from forgecast.store.notify_settings import NotifyRoute
from forgecast.store.outbox import Letter, Outbox
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.alarm_journal import write_events

#: More messages than this in ten minutes by one way are a flood: what follows is told together, critical ones aside.
FLOOD: Final = 10
_FLOOD_US: Final = 10 * MINUTE_US
#: Waiting before a second attempt, and at most; after this time a message is given up.
_FIRST_US, _MOST_US, _GIVEN_UP_US = 5 * SECOND_US, 10 * MINUTE_US, 24 * HOUR_US


class Sender(Protocol):
    """Hands one message over; raises `NotSentError` where that fails."""

    def __call__(self, route: NotifyRoute, subject: str, body: str, content: Mapping[str, object], at: int) -> None:
        """Send."""
        ...


def send(route: NotifyRoute, subject: str, body: str, content: Mapping[str, object], at: int) -> None:
    """Send a message the way a route says.

    Raises
    ------
    NotSentError
    """
    secret = os.environ.get(route.secret_env, "") if route.secret_env else ""
    if route.kind == "webhook":
        post(route.url, {**content, "subject": subject, "text": body}, token=secret)
        return
    server = MailServer(route.host, route.port, route.starttls, route.user, secret)
    send_mail(server, route.sender, route.to, subject, body, at)


class Teller:
    """Tells of alarms by all ways that `plant.toml` names; use it in a ``with`` block.

    `tell` returns once the messages are on the disk. A thread sends them, again and again where that fails, with
    growing waits; the journal says `notified`, or `not_notified` at the first failure and when one is given up.

    Parameters
    ----------
    plant : PlantFolder
    sender : callable
        Hands a message over.
    now : callable
        Microseconds UTC.
    starts : bool
        Whether a thread sends; without it `send_due` has to be called.
    """

    def __init__(
        self,
        plant: PlantFolder,
        *,
        sender: Sender = send,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000,
        starts: bool = True,
    ) -> None:
        self._plant, self._send, self._now = plant, sender, now
        self._routes = plant.settings.notify
        self._outbox = Outbox(plant.path)
        self._sent: dict[int, deque[int]] = {number: deque() for number in range(len(self._routes))}
        self._last_digest: dict[int, int] = {}
        self._wake, self._ends = threading.Event(), threading.Event()
        sends = starts and bool(self._routes)
        self._thread = threading.Thread(target=self._send_on, name="notification", daemon=True) if sends else None
        if self._thread is not None:
            self._thread.start()

    def tell(self, events: Sequence[Event]) -> None:
        """Put a message for each event into the outbox, for each route that its priority concerns.

        Raises
        ------
        PlantError
            If the disk refuses.
        """
        if not events or not self._routes:
            return
        rows = {str(row["id"]): row for row in self._plant.records.read("alarm", id=[e.alarm for e in events])}
        units = {str(row["id"]): str(row["unit"] or "") for row in self._plant.records.read("tag")}
        for event in events:
            row = rows.get(event.alarm)
            if row is None:
                continue
            for number, route in enumerate(self._routes):
                if PRIORITIES.index(Priority(str(row["priority"]))) >= PRIORITIES.index(Priority(route.priority)):
                    content = self._content(event, row, units.get(str(row["tag"]), ""), route.language)
                    self._outbox.put({"route": number, **content}, self._now())
        self._wake.set()

    def send_due(self) -> int:
        """Send what is due; return how many messages still wait."""
        now = self._now()
        waiting: dict[int, list[Letter]] = {}
        for letter in self._outbox.waiting():
            number = letter.content.get("route")
            if not isinstance(number, int) or number >= len(self._routes):
                self._outbox.done(letter)  # its way is no longer in plant.toml
            elif letter.due_at <= now:
                waiting.setdefault(number, []).append(letter)
        for number, letters in waiting.items():
            self._send_route(number, letters, now)
        return len(self._outbox.waiting())

    def close(self) -> None:
        """Stop sending; what waits is sent at the next start."""
        self._ends.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send_on(self) -> None:
        while not self._ends.is_set():
            try:
                left = self.send_due()
            except ForgecastError:
                left = 1  # the disk or the journal refuses; the messages are safe and are tried again
            self._wake.wait(1.0 if left else 60.0)
            self._wake.clear()

    def _send_route(self, number: int, letters: list[Letter], now: int) -> None:
        sent = self._sent[number]
        while sent and sent[0] <= now - _FLOOD_US:
            sent.popleft()
        urgent = [letter for letter in letters if letter.content.get("priority") == Priority.CRITICAL]
        others = [letter for letter in letters if letter not in urgent]
        for letter in urgent:
            self._hand_over(number, [letter], now)
        if len(sent) + len(others) <= FLOOD:
            for letter in others:
                self._hand_over(number, [letter], now)
        elif others and now - self._last_digest.get(number, now - _FLOOD_US) >= _FLOOD_US:
            self._last_digest[number] = now
            self._hand_over(number, others, now)

    def _hand_over(self, number: int, letters: list[Letter], now: int) -> None:
        """Send one message, or several as one, and write into the journal what came of it."""
        route = self._routes[number]
        subject, body = _said(letters, route.language)
        try:
            self._send(route, subject, body, {"alarms": [dict(one.content) for one in letters]}, now)
        except NotSentError as error:
            old = [letter for letter in letters if now - letter.put_at > _GIVEN_UP_US]
            # Said when it first fails and when it is given up, not at each attempt between.
            news = [letter for letter in letters if letter.attempts == 0 or letter in old]
            self._journal(What.NOT_NOTIFIED, news, route, error.what.say(route.language), now)
            for letter in letters:
                if letter in old:
                    self._outbox.done(letter)
                else:
                    wait = min(_FIRST_US * 2**letter.attempts, _MOST_US)
                    self._outbox.failed(letter, now + wait)
            return
        self._sent[number].append(now)
        self._journal(What.NOTIFIED, letters, route, "", now)
        for letter in letters:
            self._outbox.done(letter)

    def _journal(self, what: What, letters: Sequence[Letter], route: NotifyRoute, note: str, now: int) -> None:
        events = {}
        for place, letter in enumerate(letters):
            # One kind of event of one alarm happens once an instant; several letters of one alarm are told apart.
            event = Event(str(letter.content["alarm"]), now + place, what, None, None, route.name, note)
            events[event.alarm, event.at] = event
        write_events(self._plant, events.values(), by="notify")

    def _content(self, event: Event, row: StoredRow, unit: str, language: Language) -> dict[str, object]:
        alarm_kind, priority = Kind(str(row["kind"])), Priority(str(row["priority"]))
        when = from_us(event.at, self._plant.settings.zone)
        value = "" if event.value is None else f"{event.value:g} {unit}".strip()
        lines = [
            text("{tag} {kind}", tag=str(row["tag"]), kind=KIND_TEXTS[alarm_kind]).say(language),
            *([text("Value: {value}", value=value).say(language)] if value else []),
            text("Limit: {limit}", limit=f"{row['limit']:g} {_unit(alarm_kind, unit)}".strip()).say(language),
            text("Since: {when}", when=f"{when:%Y-%m-%d %H:%M:%S}").say(language),
        ]
        for name, said in (
            ("equipment", text("Machine")),
            ("cause", text("Usual cause")),
            ("consequence", text("What follows if nobody acts")),
            ("response", text("What to do")),
        ):
            if row[name]:
                lines.append(f"{said.say(language)}: {row[name]}")
        return {
            "alarm": event.alarm,
            "tag": str(row["tag"]),
            "kind": str(alarm_kind),
            "priority": str(priority),
            "hazard": str(row["hazard"] or ""),
            "at_us": event.at,
            "value": event.value,
            "limit": row["limit"],
            "plant": self._plant.settings.id,
            "subject": text(
                "[{plant}] {priority}: {alarm}",
                plant=self._plant.settings.name,
                priority=PRIORITY_TEXTS[priority],
                alarm=event.alarm,
            ).say(language),
            "lines": lines,
        }


def _unit(kind: Kind, unit: str) -> str:
    if kind is Kind.STALE:
        return "s"
    return f"{unit}/s" if kind is Kind.RATE else unit


def _said(letters: Sequence[Letter], language: Language) -> tuple[str, str]:
    """Return subject and body of one message, or of several told together."""
    if len(letters) == 1:
        content = letters[0].content
        return str(content["subject"]), "\n".join(_lines(content)) + "\n"
    subject = text("{count} alarms at once, from {first}", count=len(letters),
                   first=str(letters[0].content["alarm"])).say(language)  # fmt: skip
    parts = [f"{one.content['subject']}\n" + "\n".join(f"  {line}" for line in _lines(one.content)) for one in letters]
    return subject, "\n\n".join(parts) + "\n"


def _lines(content: Mapping[str, object]) -> list[str]:
    lines = content["lines"]
    return [str(line) for line in lines] if isinstance(lines, list) else []
