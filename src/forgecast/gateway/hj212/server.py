"""The server that data loggers report to: it answers data only when they are durable, and asks for what is missing.

One task writes: it takes what all connections have brought, makes one batch of it, gives it to the sink, and only then
answers. The queue before it is bounded; when it is full the connections are not read any further, so the devices wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Self

from forgecast.gateway.hj212.codes import VALUES, commands
from forgecast.gateway.hj212.decoder import Decoder, Kind, Seen
from forgecast.gateway.hj212.deviation import Register
from forgecast.gateway.hj212.instants import instant_of, stamp_of
from forgecast.gateway.hj212.mapping import Hj212Map, Reading, Translator
from forgecast.gateway.hj212.numbering import Numbering
from forgecast.gateway.hj212.telegram import ANSWER, EDITION_2017, Telegram, write
from forgecast.ground.dates import SECOND_US
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import text
from forgecast.signals.batch import NotStoredError, Sink, batch_of

_CHUNK = 65_536
_MOST_UNSENT = 1 << 20
_MOST_KNOWN = 4096  # exchanges remembered for each device, so that a repeat is answered and not stored again
_MOST_IN_A_BATCH = 500
_FAST_CLOCK_US = 60 * SECOND_US
_SYSTEM = "91"
_Key = tuple[str, str, int | None, str]


class NoAnswerError(ForgecastError):
    """A device that is not connected, refuses a request or does not answer it in time."""

    code = "hj212-no-answer"


@dataclass(frozen=True, slots=True)
class Hj212Metrics:
    """What a server has done since its start.

    Parameters
    ----------
    connections, devices : int
        Open now.
    bytes_in, telegrams, rejected, repeats, stored, readings, answered : int
        Bytes received; good and rejected telegrams; telegrams that had come before; telegrams and readings made
        durable; answers sent.
    waiting : int
        Telegrams in the queue now.
    lag_s : float or None
        From the latest time of the data to now, None before the first.
    """

    connections: int = 0
    devices: int = 0
    bytes_in: int = 0
    telegrams: int = 0
    rejected: int = 0
    repeats: int = 0
    stored: int = 0
    readings: int = 0
    answered: int = 0
    waiting: int = 0
    lag_s: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a device answered to a request.

    Parameters
    ----------
    qn_return, exe_return : str
        ``QnRtn`` and ``ExeRtn``; see the table hj212_return.
    replies : tuple of Telegram
        The data it sent in between.
    """

    qn_return: str
    exe_return: str
    replies: tuple[Telegram, ...]


@dataclass(slots=True, eq=False)
class _Session:
    """One connection."""

    peer: str
    writer: asyncio.StreamWriter
    task: asyncio.Task[None]
    deaf: bool = False

    def send(self, data: bytes) -> bool:
        transport = self.writer.transport
        if transport.is_closing():
            return False
        if transport.get_write_buffer_size() > _MOST_UNSENT:
            self.deaf = True
            transport.abort()
            return False
        self.writer.write(data)
        return True


@dataclass(slots=True)
class _Job:
    """A telegram on its way to the store."""

    session: _Session
    telegram: Telegram
    readings: list[Reading]
    key: _Key | None = None
    barrier: asyncio.Future[None] | None = None


@dataclass(slots=True)
class _Asked:
    """A request that waits for its answers."""

    session: _Session
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    finished: bool = False
    error: NoAnswerError | None = None
    qn_return: str = ""
    exe_return: str = ""
    replies: list[Telegram] = field(default_factory=list)


class Hj212Server:
    """Listens for data loggers and gives what they report to a sink.

    Parameters
    ----------
    mapping : Hj212Map
        The devices, their passwords and where their values go; what it does not name is reported once and not stored.
    sink : Sink
        Whoever keeps the batches; `Sink.take` is called from one thread, and a telegram is answered after it returned.
    host, port : str, int
        Where to listen; port 0 takes a free one, see `port` after `start`.
    source : str
        Name under which the batches are numbered.
    queue : int
        Most telegrams that wait for the store; beyond it devices wait.
    idle_s : float
        A connection that says nothing for so long is closed.
    retry_s : float
        How long to wait before a batch that the store refused is given again.
    expected_s : mapping of str to float
        Interval of the data of a command (``{"2051": 600, "2061": 3600}``); where a telegram leaves out more than half
        of one, the device is asked for the data between. Empty: nothing is asked for by itself.
    answer_s : float
        How long a device may take to answer a request.
    clock : callable
        Microseconds UTC.
    watch : callable (peer, Seen) or None
        Told everything the decoders see.
    """

    def __init__(
        self,
        mapping: Hj212Map,
        sink: Sink,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        source: str = "hj212",
        queue: int = 2000,
        idle_s: float = 600.0,
        retry_s: float = 1.0,
        expected_s: Mapping[str, float] | None = None,
        answer_s: float = 30.0,
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
        watch: Callable[[str, Seen], None] | None = None,
    ) -> None:
        self._map, self._sink, self._source = mapping, sink, source
        self._host, self._port = host, port
        self._idle_s, self._retry_s, self._answer_s = idle_s, retry_s, answer_s
        self._expected_us = {command: int(s * SECOND_US) for command, s in (expected_s or {}).items()}
        self._clock, self._watch = clock, watch
        self._register = Register()
        self._translator = Translator(mapping, self._deviates)
        self._numbering = Numbering(clock, mapping.zone)
        self._queue: asyncio.Queue[_Job] = asyncio.Queue(queue)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hj212")
        self._sessions: set[_Session] = set()
        self._where: dict[str, tuple[_Session, Telegram]] = {}
        # Exchanges by device: False while on the way to the store, True when durable.
        self._known: dict[str, OrderedDict[_Key, bool]] = {device.mn: OrderedDict() for device in mapping.devices}
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._latest: dict[tuple[str, str], int] = {}
        self._filling: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._count = Hj212Metrics()
        self._seq = 0
        self._stopping = False
        self._server: asyncio.Server | None = None
        self._writer: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    def metrics(self) -> Hj212Metrics:
        """Return what it has done up to now."""
        latest = max(self._latest.values(), default=None)
        return replace(
            self._count,
            connections=len(self._sessions),
            devices=len(self._where),
            waiting=self._queue.qsize(),
            lag_s=None if latest is None else (self._clock() - latest) / SECOND_US,
        )

    def findings(self) -> tuple[Finding, ...]:
        """Return every deviation met, counted by kind and device."""
        return self._register.findings()

    async def start(self) -> None:
        """Listen.

        Raises
        ------
        OSError
            If the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._seq = await loop.run_in_executor(self._pool, self._sink.last, self._source)
        self._server = await asyncio.start_server(self._connected, self._host, self._port, limit=_CHUNK)
        self._port = int(self._server.sockets[0].getsockname()[1])
        self._writer = asyncio.create_task(self._write())

    async def stop(self, *, patience_s: float = 10.0) -> None:
        """Hear no more, store and answer what has been heard, and close.

        Parameters
        ----------
        patience_s : float
            How long the store may take; what it has not taken by then is not answered, and the devices send it again.
        """
        if self._server is not None:
            self._server.close()
        self._stopping = True
        for session in list(self._sessions):
            session.task.cancel()
        for filling in list(self._filling.values()):
            filling.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._queue.join()
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        sessions = list(self._sessions)
        await asyncio.gather(*(session.task for session in sessions), return_exceptions=True)
        for session in sessions:
            session.writer.close()
        self._sessions.clear()
        self._translator.close()
        self._pool.shutdown(wait=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # ---- requests to devices -----------------------------------------------------------------------------------

    async def ask(self, mn: str, command: str, cp: tuple[tuple[str, str], ...] = ()) -> Outcome:
        """Send a request to a device and wait until it has carried it out.

        Parameters
        ----------
        mn, command : str
        cp : tuple of (key, value)

        Raises
        ------
        NoAnswerError
            If it is not connected, refuses, or keeps silent.
        """
        here = self._where.get(mn)
        if here is None:
            raise NoAnswerError(
                text("the device is not connected"), where=mn, repair=text("wait until it reports again")
            )
        session, last = here
        qn = self._numbering.next()
        flag = (_edition(last) << 2) | ANSWER
        request = Telegram(qn, last.st, command, self._map.by_mn[mn].password or last.pw, mn, flag, None, None, cp)
        asked = _Asked(session)
        self._asked[mn, qn] = asked
        try:
            session.send(write(request))
            while not asked.finished:
                # Every telegram it sends for this request gives it new time.
                asked.heard.clear()
                async with asyncio.timeout(self._answer_s):
                    await asked.heard.wait()
        except TimeoutError:
            raise NoAnswerError(
                text("the device did not answer command {command} in time", command=command),
                where=mn,
                repair=text("ask again; raise the time it may take if it is slow"),
            ) from None
        finally:
            self._asked.pop((mn, qn), None)
        if asked.error is not None:
            raise asked.error
        if asked.qn_return not in ("", "1"):
            raise NoAnswerError(
                text("the device refuses command {command} (QnRtn={value})", command=command, value=asked.qn_return),
                where=mn,
                repair=text("look the value up in the table hj212_return"),
            )
        return Outcome(asked.qn_return, asked.exe_return, tuple(asked.replies))

    async def history(self, mn: str, command: str, begin: int, end: int) -> Outcome:
        """Ask a device for its data of a period and return when all it sent is durable.

        Parameters
        ----------
        mn : str
        command : str
            2051 minute, 2061 hourly, 2031 daily data.
        begin, end : int
            First and last time, microseconds UTC.

        Raises
        ------
        NoAnswerError
            As `ask`.
        """
        zone = self._map.zone
        outcome = await self.ask(mn, command, (("BeginTime", stamp_of(begin, zone)), ("EndTime", stamp_of(end, zone))))
        barrier: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Job(self._where[mn][0], Telegram(), [], None, barrier))
        await barrier
        return outcome

    # ---- connections -------------------------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (start_server runs this as a task)
        host, *_ = writer.get_extra_info("peername") or ("?",)
        session = _Session(str(host), writer, task)
        self._sessions.add(session)
        decoder = Decoder()
        try:
            while data := await self._read(reader):
                self._count = replace(self._count, bytes_in=self._count.bytes_in + len(data))
                for seen in decoder.feed(data):
                    await self._seen(session, seen)
        except TimeoutError:
            self._register.add("idle", file=session.peer)
        except OSError:
            pass  # the peer broke off; it will come again
        except asyncio.CancelledError:
            # The server stops; asyncio wants no cancelled task of a connection.
            pass
        finally:
            for seen in decoder.close():
                self._note(session, seen)
            if session.deaf:
                self._register.add("deaf", file=session.peer)
            if not self._stopping:  # else what has been heard is still to be answered
                self._gone(session)

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        if self._stopping:
            return b""
        # Not wait_for: up to Python 3.11 it swallows a cancellation that comes together with the data.
        async with asyncio.timeout(self._idle_s):
            return await reader.read(_CHUNK)

    def _gone(self, session: _Session) -> None:
        self._sessions.discard(session)
        for mn in [mn for mn, (where, _) in self._where.items() if where is session]:
            del self._where[mn]
        for asked in self._asked.values():
            if asked.session is session and not asked.finished:
                asked.error = NoAnswerError(
                    text("the connection broke while the device was answering"),
                    where=session.peer,
                    repair=text("ask again when it is connected"),
                )
                asked.finished = True
                asked.heard.set()
        session.writer.close()

    def _note(self, session: _Session, seen: Seen) -> None:
        """Count what was seen and report its deviations."""
        if self._watch is not None:
            self._watch(session.peer, seen)
        if seen.kind is Kind.REJECTED:
            self._count = replace(self._count, rejected=self._count.rejected + 1)
        mn = seen.telegram.mn if seen.telegram is not None and seen.telegram.mn in self._known else session.peer
        for code, value in seen.deviations:
            shown = seen.raw.decode("ascii", "backslashreplace") if seen.kind is Kind.REJECTED else value
            self._register.add(code, shown, file=mn, count=seen.size if code == "stray" else 1)

    def _deviates(self, code: str, value: str, column: str) -> None:
        mn, _, rest = column.partition(":")
        self._register.add(code, value, file=mn, column=rest)

    async def _seen(self, session: _Session, seen: Seen) -> None:
        self._note(session, seen)
        telegram = seen.telegram
        if telegram is None:
            return
        device = self._map.by_mn.get(telegram.mn)
        if device is None or (
            device.password and not hmac.compare_digest(device.password.encode(), telegram.pw.encode())
        ):
            self._count = replace(self._count, rejected=self._count.rejected + 1)
            code = "unknown-device" if device is None else "wrong-password"
            self._register.add(code, telegram.mn, file=session.peer if device is None else telegram.mn)
            return
        self._count = replace(self._count, telegrams=self._count.telegrams + 1)
        self._where[telegram.mn] = (session, telegram)
        qn = instant_of(telegram.qn, self._map.zone)
        if qn is not None and qn[0] > self._clock() + _FAST_CLOCK_US:
            ahead = (qn[0] - self._clock()) // SECOND_US
            self._register.add("fast-clock", str(ahead), file=telegram.mn)
        await self._handle(session, telegram)

    async def _handle(self, session: _Session, telegram: Telegram) -> None:
        asked = self._asked.get((telegram.mn, telegram.first("QN") or telegram.qn))
        kind = commands().get(telegram.cn, ("", None))[0]
        if telegram.cn in VALUES:
            if asked is not None:
                asked.replies.append(telegram)
            await self._values(session, telegram)
        elif kind == "answer":
            self._answered(telegram, asked)
        elif telegram.cn == "1013":
            self._send(session, telegram, "9013")
            now = (("SystemTime", stamp_of(self._clock(), self._map.zone)),)
            self._send(session, telegram, "1012", cp=now, qn=self._numbering.next(), st=telegram.st, flag=ANSWER)
        elif kind in ("heartbeat", "notice"):
            self._send(session, telegram, "9013")
        elif asked is not None:
            asked.replies.append(telegram)
        else:
            self._register.add("unknown-command", telegram.cn, file=telegram.mn, column=telegram.cn)
            self._send(session, telegram, "9014")
        if asked is not None:
            asked.heard.set()

    def _answered(self, telegram: Telegram, asked: _Asked | None) -> None:
        if asked is None:
            return
        if telegram.cn == "9011":
            asked.qn_return = telegram.first("QnRtn")
        if telegram.cn == "9012":
            asked.exe_return = telegram.first("ExeRtn")
        refused = telegram.cn == "9011" and asked.qn_return not in ("", "1")
        if telegram.cn in ("9012", "9013", "9014") or refused:
            asked.finished = True

    def _send(
        self,
        session: _Session,
        to: Telegram,
        command: str,
        *,
        cp: tuple[tuple[str, str], ...] = (),
        qn: str = "",
        st: str = _SYSTEM,
        flag: int = 0,
    ) -> None:
        """Send a device an answer with the number of its telegram, or something of our own."""
        if not qn and (not to.wants_answer or not to.qn):
            return
        answer = Telegram(qn or to.qn, st, command, to.pw, to.mn, (_edition(to) << 2) | flag, None, None, cp)
        if session.send(write(answer)):
            self._count = replace(self._count, answered=self._count.answered + 1)

    # ---- values ------------------------------------------------------------------------------------------------

    async def _values(self, session: _Session, telegram: Telegram) -> None:
        key: _Key | None = None
        known = self._known[telegram.mn]
        if telegram.qn:
            key = (telegram.qn, telegram.cn, telegram.pno, telegram.first("DataTime"))
            if key in known:
                self._count = replace(self._count, repeats=self._count.repeats + 1)
                known.move_to_end(key)
                if known[key]:
                    self._send(session, telegram, "9014")
                return
            known[key] = False
            while len(known) > _MOST_KNOWN:
                known.popitem(last=False)
        for ready, readings in self._translator.take(telegram):
            own = (ready.qn, ready.cn, ready.pno, ready.first("DataTime")) if ready.qn else None
            await self._queue.put(_Job(session, ready, readings, own))

    async def _write(self) -> None:
        while True:
            jobs = [await self._queue.get()]
            while len(jobs) < _MOST_IN_A_BATCH and not self._queue.empty():
                jobs.append(self._queue.get_nowait())
            try:
                readings = [reading for job in jobs for reading in job.readings]
                if readings:
                    await self._store(readings)
                    self._count = replace(self._count, readings=self._count.readings + len(readings))
                for job in jobs:
                    self._durable(job)
            finally:
                for _ in jobs:
                    self._queue.task_done()

    async def _store(self, readings: list[Reading]) -> None:
        """Give a batch to the sink until it has taken it."""
        loop = asyncio.get_running_loop()
        self._seq += 1
        refused = False
        while True:
            batch = batch_of(self._source, self._seq, readings)
            try:
                taken = await asyncio.shield(loop.run_in_executor(self._pool, self._sink.take, batch))
            except NotStoredError as error:
                refused = True
                self._register.add("not-stored", str(error), file=self._source)
                await asyncio.sleep(self._retry_s)
                continue
            if taken or refused:
                # A repeat after a refusal had been stored after all.
                return
            # Somebody else has used this number: ours must not pass for a repeat.
            self._seq = 1 + await loop.run_in_executor(self._pool, self._sink.last, self._source)

    def _durable(self, job: _Job) -> None:
        if job.barrier is not None:
            if not job.barrier.done():
                job.barrier.set_result(None)
            return
        self._count = replace(self._count, stored=self._count.stored + 1)
        if job.key is not None:
            known = self._known[job.telegram.mn]
            if job.key in known:
                known[job.key] = True
        if job.readings:
            self._look_for_gap(job)
        # The device may have come back on another connection meanwhile.
        session = job.session
        if session not in self._sessions and job.telegram.mn in self._where:
            session = self._where[job.telegram.mn][0]
        self._send(session, job.telegram, "9014")

    def _look_for_gap(self, job: _Job) -> None:
        key = (job.telegram.mn, job.telegram.cn)
        moment = max(t for _, t, _, _ in job.readings)
        before = self._latest.get(key)
        self._latest[key] = moment if before is None else max(before, moment)
        step = self._expected_us.get(job.telegram.cn)
        if step is None or before is None or 2 * (moment - before) <= 3 * step or key in self._filling:
            return
        self._register.add("gap", stamp_of(before, self._map.zone), file=key[0], column=key[1])
        task = asyncio.create_task(self._fill(key, before + step, moment - step))
        self._filling[key] = task
        task.add_done_callback(lambda _: self._filling.pop(key, None))

    async def _fill(self, key: tuple[str, str], begin: int, end: int) -> None:
        try:
            outcome = await self.history(*key, begin, end)
            open_still = outcome.exe_return not in ("", "1")
        except NoAnswerError:
            open_still = True
        if open_still:
            self._register.add("gap-open", stamp_of(begin, self._map.zone), file=key[0], column=key[1])


def _edition(telegram: Telegram) -> int:
    return telegram.flag >> 2 if telegram.flag is not None else EDITION_2017
