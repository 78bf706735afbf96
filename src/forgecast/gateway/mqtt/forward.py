"""Store and forward: a gateway box publishes its batches, the plant stores them and says up to which number it has.

Topics: ``forgecast/<plant>/<box>/batch`` and ``…/taken``. A batch carries the number of the one sent before it from
the same source; the plant takes it only if it has that one, else it asks to begin anew with the oldest one it lacks.
So order is restored whatever the broker repeats, loses or turns round, and the numbers make every repeat harmless. The
box lets go of a batch only when the plant has said, by number, that it is durable.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

from forgecast.gateway.case_file import CaseTable
from forgecast.gateway.feed import BackOff, FeedState, Tell, finding, now_us
from forgecast.gateway.mqtt.client import Ear, Message, out_of_reach
from forgecast.gateway.mqtt.connection import begin, new_client
from forgecast.gateway.mqtt.packed import PackingError, packed, unpacked
from forgecast.gateway.mqtt.settings import BROKER_KEYS, Broker, read_broker, read_forward_name
from forgecast.gateway.point import read_name
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import text
from forgecast.signals.batch import Batch, NotStoredError, Outbox, Sink

#: Stands in a topic for all boxes of a plant.
EVERY_BOX = "every-box"
#: Batches sent and not yet acknowledged.
WINDOW = 200
#: Silence after which the box begins anew with the oldest batch [s], first and longest.
SILENCE_S = (5.0, 60.0)


@dataclass(frozen=True, slots=True)
class ForwardSettings:
    """The line between gateway boxes and a plant.

    Parameters
    ----------
    name : str
        Of the box; at the plant, of the gateway that receives.
    plant : str
        Name both sides have agreed on for the plant.
    broker : Broker
    at : str
        Place in `instruments.toml`.
    """

    name: str
    plant: str
    broker: Broker
    at: str

    def topic(self, box: str, what: str) -> str:
        """Return the topic of a box's batches (``batch``) or of the answers to it (``taken``)."""
        return f"forgecast/{self.plant}/{box}/{what}"


def read_forward(table: CaseTable) -> ForwardSettings:
    """Return the settings of ``[forward]`` (a box) or of a table ``[[receive]]`` (the plant).

    Raises
    ------
    CaseError
        Naming line and key of what is wrong.
    """
    table.only("name", "plant", *BROKER_KEYS)
    name = read_name(table)
    return ForwardSettings(
        name, read_forward_name(table, "plant", 'plant = "foundry"'), read_broker(table, name), table.at()
    )


def sent(batch: Batch, before: int, run: int) -> bytes:
    """Return a batch as the box sends it: behind a line that says which number went before, and in which run."""
    return json.dumps({"before": before, "run": run}).encode() + b"\n" + packed(batch)


@dataclass(slots=True)
class _Line:
    """What the box remembers of what it has sent."""

    after: int = 0
    run: int = 0
    #: Last number sent in this run, by source.
    before: dict[str, int] = field(default_factory=dict)
    open: set[tuple[str, int]] = field(default_factory=set)

    def anew(self) -> None:
        """Begin again with the oldest batch that waits."""
        self.after, self.run = 0, self.run + 1
        self.before.clear()
        self.open.clear()


class _Mouth:
    """Paho's callbacks of the box, handed over to the event loop."""

    def __init__(self, client: Client, topics: list[str], wake: asyncio.Event) -> None:
        self.answers: list[dict[str, Any]] = []
        self.connected = False
        self.why = ""
        self.begins = 0
        self._topics, self._wake, self._loop = topics, wake, asyncio.get_running_loop()
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_connect_fail, client.on_message = self._on_connect_fail, self._on_message

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:  # noqa: ANN401
        if reason.is_failure:
            self._set(connected=False, why=str(reason))
            return
        client.subscribe([(one, 1) for one in self._topics])
        self._set(connected=True, why="")

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:  # noqa: ANN401
        self._set(connected=False, why=str(reason))

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:  # noqa: ANN401
        self._set(connected=False, why="connection refused")

    def _set(self, *, connected: bool, why: str) -> None:
        def change() -> None:
            self.begins += connected
            self.connected, self.why = connected, why
            self._wake.set()

        self._loop.call_soon_threadsafe(change)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:  # noqa: ANN401
        with contextlib.suppress(ValueError):
            answer = json.loads(message.payload)
            if isinstance(answer, dict):
                self._loop.call_soon_threadsafe(self._heard, answer)

    def _heard(self, answer: dict[str, Any]) -> None:
        self.answers.append(answer)
        self._wake.set()


async def run_sender(
    settings: ForwardSettings, outbox: Outbox, state: FeedState, tell: Tell, stop: asyncio.Event, wake: asyncio.Event
) -> None:
    """Forward what is in an outbox until asked to stop.

    Parameters
    ----------
    settings : ForwardSettings
    outbox : Outbox
    state : FeedState
        Kept up to date: batches and rows acknowledged by the plant.
    tell : callable
    stop : asyncio.Event
    wake : asyncio.Event
        Set whenever a batch has come into the outbox.
    """
    client = new_client(settings.broker, manual_ack=False)
    mouth = _Mouth(client, [settings.topic(box, "taken") for box in (settings.name, EVERY_BOX)], wake)
    begin(client, settings.broker)
    line, silence = _Line(), BackOff(*SILENCE_S)
    heard, patience, begins, told = time.monotonic(), silence.next(), 0, False
    try:
        while not stop.is_set():
            state.connected = mouth.connected
            if mouth.begins != begins:
                state.reconnects, begins, told = mouth.begins - 1, mouth.begins, False
                line.anew()
                heard = time.monotonic()
            if not mouth.connected and mouth.why and not told:
                told = True
                tell(out_of_reach(settings.name, settings.broker.host, mouth.why))
            if await _answered(mouth, line, outbox, state):
                silence.done()
                heard, patience = time.monotonic(), silence.next()
            elif line.open and time.monotonic() - heard > patience:
                line.anew()
                heard, patience = time.monotonic(), silence.next()
            if mouth.connected:
                await _send(client, settings, line, outbox, state)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), 0.25)
            wake.clear()
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
        state.connected = False


async def _answered(mouth: _Mouth, line: _Line, outbox: Outbox, state: FeedState) -> bool:
    """Let go of what the plant has said it keeps; return whether it has said anything new."""
    answers, mouth.answers = mouth.answers, []
    progress = False
    for answer in answers:
        if answer.get("hello"):
            line.anew()
            progress = True
            continue
        source, last = answer.get("source"), answer.get("last")
        if not isinstance(source, str) or not isinstance(last, int):
            continue
        gone = await asyncio.to_thread(outbox.forget, source, last)
        line.open = {one for one in line.open if one[0] != source or one[1] > last}
        state.batches += gone
        progress |= gone > 0
        if gone:
            state.stored_us = now_us()
        if answer.get("again") == line.run:
            line.anew()
            progress = True
    return progress


async def _send(client: Client, settings: ForwardSettings, line: _Line, outbox: Outbox, state: FeedState) -> None:
    room = WINDOW - len(line.open)
    if room <= 0:
        return
    for place, batch in await asyncio.to_thread(outbox.waiting, room, line.after):
        content = sent(batch, line.before.get(batch.source, 0), line.run)
        client.publish(settings.topic(settings.name, "batch"), content, qos=1)
        line.after = place
        line.before[batch.source] = batch.seq
        line.open.add((batch.source, batch.seq))
        state.last_us = max(state.last_us, int(batch.t.max(initial=0)))
    state.waiting = len(line.open)


async def run_receiver(
    settings: ForwardSettings, sink: Sink, state: FeedState, tell: Tell, stop: asyncio.Event
) -> None:
    """Take the batches of gateway boxes until asked to stop; each is answered, by number, once it is durable.

    Parameters
    ----------
    settings : ForwardSettings
    sink : Sink
    state : FeedState
        Kept up to date.
    tell : callable
    stop : asyncio.Event
    """
    client = new_client(settings.broker)
    ear = Ear(client, [settings.topic("+", "batch")], asyncio.get_running_loop())
    begin(client, settings.broker)
    taking = asyncio.create_task(_take_always(client, settings, ear, sink, state, tell))
    watching = asyncio.create_task(_watch(client, settings, ear, state, tell))
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({taking, watching, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        ear.stopping = True
        for task in (taking, watching, stopped):
            task.cancel()
        await asyncio.gather(taking, watching, stopped, return_exceptions=True)
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
        state.connected = False


async def _watch(client: Client, settings: ForwardSettings, ear: Ear, state: FeedState, tell: Tell) -> None:
    begins, told = 0, False
    while True:
        code, what = await ear.events.get()
        state.connected = code == "connected"
        if code == "connected":
            begins, told = begins + 1, False
            state.reconnects = begins - 1
            # Boxes may wait for answers that will not come: they are to begin anew at once.
            client.publish(settings.topic(EVERY_BOX, "taken"), json.dumps({"hello": True}), qos=1)
        elif not told:
            told = True
            tell(out_of_reach(settings.name, settings.broker.host, what))


async def _take_always(
    client: Client, settings: ForwardSettings, ear: Ear, sink: Sink, state: FeedState, tell: Tell
) -> None:
    while True:
        messages = [await ear.messages.get()]
        while not ear.messages.empty():
            messages.append(ear.messages.get_nowait())
        for box, answer in await _take(messages, settings, sink, state, tell):
            client.publish(settings.topic(box, "taken"), json.dumps(answer), qos=1)
        for one in messages:
            if one.qos and one.connection == ear.connection:
                client.ack(one.mid, one.qos)
            ear.room.release()


@dataclass(slots=True)
class _Brought:
    """What messages that came together bring of one source."""

    box: str
    last: int
    batches: list[Batch] = field(default_factory=list)
    again: int | None = None

    def answer(self, source: str) -> dict[str, object]:
        said: dict[str, object] = {"source": source, "last": self.last}
        return said if self.again is None else said | {"again": self.again}


async def _take(
    messages: list[Message], settings: ForwardSettings, sink: Sink, state: FeedState, tell: Tell
) -> list[tuple[str, dict[str, object]]]:
    """Store messages that came together; return the answers to their boxes.

    Batches of one source that follow each other become one, with the number of the last: one write for all of them.
    """
    brought: dict[str, _Brought] = {}
    for one in messages:
        try:
            line, _, content = one.payload.partition(b"\n")
            head = json.loads(line)
            batch, before, run = unpacked(content), int(head["before"]), int(head["run"])
        except (PackingError, ValueError, KeyError, TypeError) as error:
            tell(
                finding(
                    "unreadable-batch", Severity.DOUBTFUL, settings.name, one.topic, error,
                    text("a forwarded batch was damaged on the way; the box sends it again"),
                    text("nothing, unless it happens often: then see whether somebody else publishes there"),
                )
            )  # fmt: skip
            continue
        if batch.source not in brought:
            last = await asyncio.to_thread(sink.last, batch.source)
            brought[batch.source] = _Brought(one.topic.split("/")[2], last)
        here = brought[batch.source]
        if here.last < before:
            here.again = run
        elif batch.seq > here.last:
            here.batches.append(batch)
            here.last, here.again = batch.seq, None
    await asyncio.gather(*(_durable(here, settings, sink, state, tell) for here in brought.values() if here.batches))
    return [(here.box, here.answer(source)) for source, here in brought.items()]


def _joined(batches: list[Batch]) -> Batch:
    """Return batches of one source as one, in their order, with the number of the last."""
    if len(batches) == 1:
        return batches[0]
    names = {name: None for batch in batches for name in batch.tags}
    number = {name: index for index, name in enumerate(names)}
    tags = [np.array([number[name] for name in batch.tags], np.int32)[batch.tag] for batch in batches]
    return Batch(
        batches[-1].source,
        batches[-1].seq,
        tuple(names),
        np.concatenate(tags),
        np.concatenate([batch.t for batch in batches]),
        np.concatenate([batch.value for batch in batches]),
        np.concatenate([batch.flag for batch in batches]),
    )


async def _durable(here: _Brought, settings: ForwardSettings, sink: Sink, state: FeedState, tell: Tell) -> None:
    batch = _joined(here.batches)
    pauses, told = BackOff(), False
    while True:
        try:
            await asyncio.to_thread(sink.take, batch)
            break
        except NotStoredError as error:
            if not told:
                tell(_not_stored(settings, batch, error))
            told = True
            await asyncio.sleep(pauses.next())
        except ForgecastError as error:
            # Waiting does not help here. It is not answered as taken, so the box keeps it.
            tell(_not_stored(settings, batch, error))
            here.last = await asyncio.to_thread(sink.last, batch.source)
            return
    state.batches += 1
    state.rows += len(batch)
    state.last_us = max(state.last_us, int(batch.t.max(initial=0)))
    state.stored_us = now_us()


def _not_stored(settings: ForwardSettings, batch: Batch, error: ForgecastError) -> Finding:
    return finding(
        "not-stored", Severity.DOUBTFUL, settings.name, batch.source, len(batch), error.what, error.repair
    )  # fmt: skip
