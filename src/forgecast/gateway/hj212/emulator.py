"""A data logger: samples a source, keeps its telegrams on its own disk, and sends them until they are answered."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from forgecast.gateway.hj212.codes import HOUR, MINUTE, REAL_TIME, VALUES
from forgecast.gateway.hj212.decoder import Decoder
from forgecast.gateway.hj212.instants import instant_of, stamp_of
from forgecast.gateway.hj212.logger import Period, Sample, fields_of, telegrams_of
from forgecast.gateway.hj212.numbering import Numbering
from forgecast.gateway.hj212.outbox import Outbox
from forgecast.gateway.hj212.telegram import ANSWER, EDITION_2017, Telegram, read, write
from forgecast.ground.dates import SECOND_US

Source = Callable[[int], Mapping[str, Sample]]
_SYSTEM = "91"
_MOST_PAST = 20_000
_READ_TIME, _SET_TIME = "1011", "1012"


@dataclass(frozen=True, slots=True)
class EmulatorMetrics:
    """What an emulated data logger has done.

    Parameters
    ----------
    made, sent, repeated, answered : int
        Telegrams made; sent for the first time on a connection; sent again for want of an answer; answered.
    connected : int
        Connections made.
    waiting : int
        Telegrams on its disk without an answer.
    """

    made: int = 0
    sent: int = 0
    repeated: int = 0
    answered: int = 0
    connected: int = 0
    waiting: int = 0


@dataclass(slots=True)
class _Flying:
    """A telegram sent and not yet answered."""

    qn: str
    due: float
    tries: int = 1


class Hj212Emulator:
    """Emulates one data logger.

    Parameters
    ----------
    source : callable
        Instant (microseconds UTC) to samples by code.
    folder : Path
        Where it keeps what is to be sent and what may be asked for; made where absent.
    mn, password : str
    host, port : str, int
        The server.
    zone : str
        All its times are wall clock of this zone.
    st : str
        System code, 31 for sources of air pollution.
    real_s, minute_s, hour_s : int
        Intervals of real-time values and of the two kinds of means; 0 sends none of that kind.
    edition : int
        1 for HJ 212-2017, 2 for HJ 212-2025 (without its encryption).
    answer_s, repeats : float, int
        How long it waits for an answer, and how often it sends again before it connects anew.
    window : int
        Most telegrams sent and not yet answered.
    pause_s : (float, float)
        Shortest and longest pause before it connects anew.
    heartbeat_s : float
        Interval of heartbeats; 0 for none.
    ask_time : bool
        Whether it asks for the time on every connection.
    clock : callable
        Microseconds UTC, for numbers of exchanges.
    """

    def __init__(
        self,
        source: Source,
        folder: Path,
        *,
        mn: str,
        password: str,
        host: str,
        port: int,
        zone: str = "Asia/Shanghai",
        st: str = "31",
        real_s: int = 60,
        minute_s: int = 600,
        hour_s: int = 3600,
        edition: int = EDITION_2017,
        answer_s: float = 5.0,
        repeats: int = 3,
        window: int = 16,
        pause_s: tuple[float, float] = (0.2, 30.0),
        heartbeat_s: float = 0.0,
        ask_time: bool = False,
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._source, self._zone, self._edition, self._clock = source, zone, edition, clock
        self._identity = Telegram("", st, "", password, mn)
        self.host, self.port = host, port
        self._every = {REAL_TIME: real_s * SECOND_US, MINUTE: minute_s * SECOND_US, HOUR: hour_s * SECOND_US}
        self._answer_s, self._repeats, self._window, self._pause_s = answer_s, repeats, window, pause_s
        self._heartbeat_s, self._ask_time = heartbeat_s, ask_time
        self._outbox = Outbox(folder / "outbox.log")
        self._past_file = folder / "past.log"
        self._past = self._remembered()
        self._periods: dict[str, tuple[int, Period]] = {}
        self._numbering = Numbering(clock, zone)
        for waiting in self._outbox.waiting.values():
            self._numbering.after(read(waiting[6:-6])[0].qn)
        self._flying: OrderedDict[int, _Flying] = OrderedDict()
        self._stir = asyncio.Event()
        self._idle = asyncio.Event()
        self._count = EmulatorMetrics()
        #: What the server set the clock to, as it said it; empty before.
        self.time_set = ""

    def metrics(self) -> EmulatorMetrics:
        """Return what it has done up to now."""
        return replace(self._count, waiting=len(self._outbox.waiting))

    # ---- making ------------------------------------------------------------------------------------------------

    def produce(self, begin: int, end: int) -> int:
        """Sample a stretch of time and put its telegrams on the disk.

        Parameters
        ----------
        begin, end : int
            Microseconds UTC; instants are the multiples of the shortest interval from `begin` (with) to `end`
            (without). A mean is made when the first sample after its period comes.

        Returns
        -------
        int
            Telegrams made.
        """
        steps = [every for every in self._every.values() if every]
        if not steps:
            return 0
        step = min(steps)
        made: list[bytes] = []
        for t in range(-(-begin // step) * step, end, step):
            samples = self._source(t)
            for command in (MINUTE, HOUR):
                made += self._gather(command, t, samples)
            every = self._every[REAL_TIME]
            if every and t % every == 0:
                made += self._telegrams(REAL_TIME, t, fields_of(samples))
        self._outbox.put(made)
        self._count = replace(self._count, made=self._count.made + len(made))
        self._stir.set()
        return len(made)

    def _gather(self, command: str, t: int, samples: Mapping[str, Sample]) -> list[bytes]:
        every = self._every[command]
        if not every:
            return []
        start = t - t % every
        made: list[bytes] = []
        begun, period = self._periods.get(command, (start, Period()))
        if begun != start:
            fields = period.fields()
            made = self._telegrams(command, begun, fields)
            self._remember(command, begun, fields)
            period = Period()
        period.add(samples)
        self._periods[command] = (start, period)
        return made

    def _telegrams(self, command: str, t: int, fields: tuple[tuple[str, str], ...]) -> list[bytes]:
        base = replace(self._identity, qn=self._numbering.next(), cn=command)
        parts = telegrams_of(base, stamp_of(t, self._zone), fields, edition=self._edition)
        return [write(part) for part in parts]

    # ---- what may be asked for ---------------------------------------------------------------------------------

    def _remembered(self) -> deque[tuple[str, int, str]]:
        past: deque[tuple[str, int, str]] = deque(maxlen=_MOST_PAST)
        if self._past_file.exists():
            for line in self._past_file.read_text(encoding="utf-8").splitlines():
                command, _, rest = line.partition(" ")
                moment, _, area = rest.partition(" ")
                if command in VALUES and moment.isdigit() and area.endswith(";"):
                    past.append((command, int(moment), area[:-1]))
            fresh = self._past_file.with_name("past.new")
            fresh.write_text("".join(f"{c} {t} {a};\n" for c, t, a in past), encoding="utf-8")
            fresh.replace(self._past_file)
        return past

    def _remember(self, command: str, t: int, fields: tuple[tuple[str, str], ...]) -> None:
        area = "|".join(f"{key}={value}" for key, value in fields)
        self._past.append((command, t, area))
        with self._past_file.open("a", encoding="utf-8") as file:
            file.write(f"{command} {t} {area};\n")

    # ---- sending -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect, send, send again, answer requests; until cancelled."""
        pause = self._pause_s[0]
        while True:
            with contextlib.suppress(OSError, TimeoutError):
                reader, writer = await asyncio.open_connection(self.host, self.port)
                self._count = replace(self._count, connected=self._count.connected + 1)
                answered = self._count.answered
                try:
                    await self._talk(reader, writer)
                finally:
                    self._flying.clear()
                    writer.close()
                    if self._count.answered > answered:
                        pause = self._pause_s[0]
            await asyncio.sleep(pause)
            pause = min(2.0 * pause, self._pause_s[1])

    async def drained(self) -> None:
        """Wait until every telegram was answered."""
        while self._outbox.waiting:
            self._idle.clear()
            await self._idle.wait()

    def close(self) -> None:
        """Close its files."""
        self._outbox.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hearing = asyncio.create_task(self._hear(reader, writer))
        sending = asyncio.create_task(self._send(writer))
        tasks = {hearing, sending}
        if self._heartbeat_s:
            tasks.add(asyncio.create_task(self._beat(writer)))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _beat(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            self._say(writer, self._numbering.next(), "9015", answer=True, st=self._identity.st)

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        if self._ask_time:
            self._say(writer, self._numbering.next(), "1013", answer=True, st=self._identity.st)
        clock = asyncio.get_running_loop().time
        last = 0
        while True:
            self._stir.clear()
            for number in self._unsent(last):
                telegram = self._outbox.waiting[number]
                self._flying[number] = _Flying(_qn_of(telegram), clock() + self._answer_s)
                writer.write(telegram)
                last = number
                self._count = replace(self._count, sent=self._count.sent + 1)
            for number, flying in self._flying.items():
                if flying.due > clock():
                    continue
                if flying.tries > self._repeats:
                    raise TimeoutError
                flying.tries += 1
                flying.due = clock() + self._answer_s
                writer.write(self._outbox.waiting[number])
                self._count = replace(self._count, repeated=self._count.repeated + 1)
            await writer.drain()
            due = min((flying.due for flying in self._flying.values()), default=None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._stir.wait()

    def _unsent(self, last: int) -> list[int]:
        found: list[int] = []
        room = self._window - len(self._flying)
        if room > 0:
            for number in self._outbox.waiting:
                if number > last:
                    found.append(number)
                    if len(found) == room:
                        break
        return found

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = Decoder()
        while data := await reader.read(65_536):
            for seen in decoder.feed(data):
                if seen.telegram is not None:
                    await self._heard(seen.telegram, writer)
        raise ConnectionResetError

    async def _heard(self, telegram: Telegram, writer: asyncio.StreamWriter) -> None:
        if telegram.cn == "9014":
            number = next((n for n, flying in self._flying.items() if flying.qn == telegram.qn), None)
            if number is not None:
                del self._flying[number]
                self._outbox.done(number)
                self._count = replace(self._count, answered=self._count.answered + 1)
                self._stir.set()
                if not self._outbox.waiting:
                    self._idle.set()
        elif not telegram.cn.startswith("9"):
            await self._asked(telegram, writer)

    async def _asked(self, telegram: Telegram, writer: asyncio.StreamWriter) -> None:
        if telegram.pw != self._identity.pw:
            self._say(writer, telegram.qn, "9011", (("QnRtn", "3"),))
            return
        if telegram.cn not in (MINUTE, HOUR, _READ_TIME, _SET_TIME):
            self._say(writer, telegram.qn, "9011", (("QnRtn", "8"),))
            return
        self._say(writer, telegram.qn, "9011", (("QnRtn", "1"),))
        result = "1"
        if telegram.cn == _READ_TIME:
            now = (("SystemTime", stamp_of(self._clock(), self._zone)),)
            self._say(writer, telegram.qn, _READ_TIME, now, st=self._identity.st)
        elif telegram.cn == _SET_TIME:
            self.time_set = telegram.first("SystemTime")
        else:
            result = await self._past_of(telegram, writer)
        self._say(writer, telegram.qn, "9012", (("ExeRtn", result),))

    async def _past_of(self, telegram: Telegram, writer: asyncio.StreamWriter) -> str:
        begin, end = (instant_of(telegram.first(key), self._zone) for key in ("BeginTime", "EndTime"))
        if begin is None or end is None:
            return "3"
        base = replace(self._identity, qn=telegram.qn, cn=telegram.cn)
        count = 0
        for command, t, area in tuple(self._past):
            if command == telegram.cn and begin[0] <= t <= end[0]:
                items = [item.partition("=") for item in area.split("|")]
                cp = [(key, value) for key, _, value in items]
                stamp = stamp_of(t, self._zone)
                for part in telegrams_of(base, stamp, cp, answer=False, edition=self._edition):
                    writer.write(write(part))
                    count += 1
                await writer.drain()
        return "1" if count else "100"

    def _say(
        self,
        writer: asyncio.StreamWriter,
        qn: str,
        command: str,
        cp: tuple[tuple[str, str], ...] = (),
        *,
        answer: bool = False,
        st: str = _SYSTEM,
    ) -> None:
        flag = (self._edition << 2) | (ANSWER if answer else 0)
        writer.write(write(replace(self._identity, qn=qn, st=st, cn=command, flag=flag, cp=cp)))


def _qn_of(telegram: bytes) -> str:
    return read(telegram[6:-6])[0].qn
