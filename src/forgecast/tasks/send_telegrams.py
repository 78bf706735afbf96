"""Play a data logger of HJ 212: send the values of a file, or of a made-up stack, to a server."""

from __future__ import annotations

import asyncio
import csv
import itertools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from forgecast.gateway.hj212.emulator import EmulatorMetrics, Hj212Emulator
from forgecast.gateway.hj212.logger import Sample
from forgecast.ground.dates import MINUTE_US, SECOND_US, to_us, zone
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

_GOOD = "N"


class NotSentError(ForgecastError):
    """A server that did not answer in time; what it has not answered stays on the disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """What a played data logger samples.

    Parameters
    ----------
    begin, end : int
        First instant, and the one after the last; microseconds UTC.
    step_s : int
        Interval of the samples in seconds.
    at : callable
        Instant to samples by code.
    """

    begin: int
    end: int
    step_s: int
    at: Callable[[int], Mapping[str, Sample]]


def made_up_stack(begin: int, minutes: int) -> Play:
    """Return a stack whose values go up and down within the hour; minute 30 to 33 of each hour it is calibrated."""

    def at(t: int) -> dict[str, Sample]:
        minute = t / MINUTE_US
        wave = math.sin(2.0 * math.pi * minute / 60.0)
        flag = "C" if 30 <= minute % 60 < 33 else _GOOD
        oxygen = Decimal(f"{9.0 + 0.5 * wave:.2f}")
        found: dict[str, Sample] = {}
        for code, middle, height in (("a34013", 12.0, 4.0), ("a21026", 35.0, 10.0), ("a21002", 120.0, 30.0)):
            value = Decimal(f"{middle + height * wave:.2f}")
            # To 8 % oxygen: (21 - 8)/(21 - measured), rounded as a data logger rounds.
            found[code] = (value, flag, (value * 13 / (21 - oxygen)).quantize(Decimal("0.01")))
        found["a19001"] = (oxygen, flag)
        found["a01012"] = (Decimal(f"{140.0 + 5.0 * wave:.1f}"), _GOOD)
        return found

    return Play(begin, begin + minutes * MINUTE_US, 60, at)


def play_of_file(path: Path, zone_name: str) -> Play:
    """Read a CSV of samples: a column ``time``, one column for each code, and where told ``code-Zs``, ``code-Flag``.

    Parameters
    ----------
    path : Path
    zone_name : str
        Zone of times that name none.

    Raises
    ------
    ForgecastError
        If a time or a number cannot be read, or the times are not evenly spaced.
    """
    rows: dict[int, dict[str, Sample]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                rows[_time(row.get("time") or "", zone_name, f"{path.name}:{number}")] = _samples(
                    row, f"{path.name}:{number}"
                )
    except OSError as error:
        raise _wrong(text("the file cannot be read: {why}", why=str(error.strerror or error)), str(path)) from None
    times = sorted(rows)
    if len(times) < 2:
        raise _wrong(text("two rows with a time are needed at least"), path.name)
    step = min(after - before for before, after in itertools.pairwise(times))
    if step % SECOND_US or any((t - times[0]) % step or t % step for t in times):
        raise _wrong(text("the times do not lie on whole steps of their least distance"), path.name)
    return Play(times[0], times[-1] + step, step // SECOND_US, lambda t: rows.get(t, {}))


def _wrong(what: Text, where: str) -> ForgecastError:
    return ForgecastError(
        what,
        where=where,
        repair=text("write columns time, a21026, a21026-Flag …, one row a minute, numbers with a decimal point"),
    )


def _time(word: str, zone_name: str, where: str) -> int:
    try:
        moment = datetime.fromisoformat(word.strip())
    except ValueError:
        raise _wrong(text("{word} is no time", word=word or "—"), where) from None
    return to_us(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone(zone_name)))


def _samples(row: Mapping[str, str | None], where: str) -> dict[str, Sample]:
    found: dict[str, Sample] = {}
    for code, word in row.items():
        if code is None or code == "time" or "-" in code or not (word or "").strip():
            continue
        value, flag, converted = word or "", row.get(f"{code}-Flag") or _GOOD, row.get(f"{code}-Zs") or ""
        if not re.fullmatch(r"[A-Za-z0-9]", flag):
            raise _wrong(text("{word} is no flag", word=flag), where)
        try:
            sample = (Decimal(value), flag)
            found[code] = (*sample, Decimal(converted)) if converted else sample
        except InvalidOperation:
            raise _wrong(text("{word} is no number", word=value), where) from None
    return found


async def _sent(emulator: Hj212Emulator, patience_s: float, done: Callable[[float], None] | None) -> None:
    total = max(emulator.metrics().waiting, 1)
    running = asyncio.create_task(emulator.run())
    try:
        async with asyncio.timeout(patience_s):
            draining = asyncio.create_task(emulator.drained())
            while not draining.done():
                await asyncio.wait({draining}, timeout=0.2)
                if done is not None:
                    done(1.0 - emulator.metrics().waiting / total)
    except TimeoutError:
        raise NotSentError(
            text(
                "{count} telegrams were not answered by {host}:{port}",
                count=emulator.metrics().waiting, host=emulator.host, port=emulator.port,
            ),
            where=emulator.host,
            repair=text("see whether the server listens and knows this device; call again: what is left is sent then"),
        ) from None  # fmt: skip
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def send_telegrams(
    play: Play,
    folder: Path,
    *,
    mn: str,
    password: str,
    host: str,
    port: int,
    zone_name: str,
    patience_s: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> EmulatorMetrics:
    """Send what a data logger samples and wait until all of it was answered.

    Parameters
    ----------
    play : Play
    folder : Path
        Where telegrams are kept until they are answered; what an earlier call has left there is sent first.
    mn, password, host, port, zone_name : as of `Hj212Emulator`
    patience_s : float
        How long to try.
    progress : callable or None
        Told the done fraction.

    Raises
    ------
    NotSentError
        If the server has not answered all of it by then.
    """
    emulator = Hj212Emulator(
        play.at, folder, mn=mn, password=password, host=host, port=port, zone=zone_name, real_s=play.step_s,
    )  # fmt: skip
    try:
        emulator.produce(play.begin, play.end)
        asyncio.run(_sent(emulator, patience_s, progress))
        return emulator.metrics()
    finally:
        emulator.close()
