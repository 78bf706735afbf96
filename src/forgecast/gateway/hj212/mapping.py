"""From telegrams to readings: which code, field and command is which tag, given as data and never guessed."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from forgecast.gateway.hj212.codes import DAY, HOUR, MINUTE, REAL_TIME, VALUES, reading_of_flags
from forgecast.gateway.hj212.instants import instant_of
from forgecast.gateway.hj212.telegram import Telegram
from forgecast.ground.dates import zone
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.signals.reading import DOUBTFUL, GOOD

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
#: Fields that hold a value of the quantity; ``Zs`` means converted to the reference oxygen content.
FIELDS = ("Rtd", "Min", "Avg", "Max", "Cou", "ZsRtd", "ZsMin", "ZsAvg", "ZsMax")
_OF_PERIOD = {MINUTE: "minute", HOUR: "hour", DAY: "day"}
_MOST_PARTS = 64

#: tag, microseconds UTC, value, flag
Reading = tuple[str, int, float, int]
Report = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class Hj212Channel:
    """One series of values of a device.

    Parameters
    ----------
    code : str
        Of the quantity, as the device sends it (``a21026``; ``02`` in the edition of 2005).
    tag : str
        Where its values go.
    field : str
        One of `FIELDS`.
    command : str
        2011 real-time, 2051 minute, 2061 hourly, 2031 daily data.
    factor, offset : float
        The tag's value is ``factor * sent + offset``; 1 and 0 leave every digit as sent. The unit sent is the device's
        affair: look at its manual, not at the standard's table.
    """

    code: str
    tag: str
    field: str = "Rtd"
    command: str = REAL_TIME
    factor: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if self.field not in FIELDS or self.command not in VALUES:
            raise ForgecastError(
                text("there is no field {field} in command {command}", field=self.field, command=self.command),
                where=self.tag,
                repair=text(
                    "fields: {fields}; commands: {commands}", fields=", ".join(FIELDS), commands=", ".join(VALUES)
                ),
            )


@dataclass(frozen=True, slots=True)
class Hj212Device:
    """A device (monitor with data logger) and what of it is kept.

    Parameters
    ----------
    mn : str
        Its identity.
    password : str
        What it sends as PW; empty where any is accepted.
    channels : tuple of Hj212Channel
    unflagged : int
        How a value without a flag is kept: `DOUBTFUL`, or `GOOD` where somebody knows that the device sends none.
    """

    mn: str
    password: str
    channels: tuple[Hj212Channel, ...]
    unflagged: int = DOUBTFUL


@dataclass(frozen=True, slots=True)
class Hj212Map:
    """The devices of a plant.

    Parameters
    ----------
    zone : str
        Time zone of the plant; all times of the telegrams are its wall clock.
    devices : tuple of Hj212Device
    """

    zone: str
    devices: tuple[Hj212Device, ...]
    by_mn: dict[str, Hj212Device] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        zone(self.zone)
        object.__setattr__(self, "by_mn", {device.mn: device for device in self.devices})
        if len(self.by_mn) < len(self.devices):
            raise ForgecastError(text("two devices have one MN"), where="hj212", repair=text("name every device once"))
        for device in self.devices:
            tags = [channel.tag for channel in device.channels]
            keys = {(c.command, c.code, c.field) for c in device.channels}
            if len(set(tags)) < len(tags) or len(keys) < len(tags):
                raise ForgecastError(
                    text("two channels share a tag, or a code with its field and command"),
                    where=device.mn,
                    repair=text("give every series of values a tag of its own, and map it once"),
                )
            if not _PLAIN_NAME.fullmatch(device.mn):
                raise ForgecastError(
                    text("{mn} is no identity of a device", mn=device.mn),
                    where="hj212",
                    repair=text("write the MN as the device sends it: letters and digits"),
                )


def channels_of(code: str, tag: str, *, converted: bool = False) -> tuple[Hj212Channel, ...]:
    """Return the usual channels of one quantity: real-time values and the means of minute, hour and day.

    Parameters
    ----------
    code, tag : str
        Real-time values go to the tag itself, means to ``tag.minute``, ``tag.hour`` and ``tag.day``.
    converted : bool
        Whether the device also sends values at reference oxygen; they go to the same names with ``.zs`` behind.
    """
    made = [Hj212Channel(code, tag)]
    made += [Hj212Channel(code, f"{tag}.{name}", "Avg", command) for command, name in _OF_PERIOD.items()]
    if converted:
        made += [
            Hj212Channel(code, f"{channel.tag}.zs", f"Zs{channel.field}", channel.command) for channel in tuple(made)
        ]
    return tuple(made)


class Translator:
    """Turns telegrams of values into readings; keeps the time of telegrams that come in parts.

    Parameters
    ----------
    mapping : Hj212Map
    report : callable (code, value, column)
        Told every deviation.
    """

    def __init__(self, mapping: Hj212Map, report: Report) -> None:
        self._map = mapping
        self._report = report
        self._channels = {
            device.mn: {(c.command, f"{c.code}-{c.field}"): c for c in device.channels} for device in mapping.devices
        }
        self._codes = {device.mn: {c.code for c in device.channels} for device in mapping.devices}
        # Of exchanges in parts: the time where it is known, and the parts that wait for it.
        self._times: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._waiting: OrderedDict[tuple[str, str, str], list[Telegram]] = OrderedDict()

    def take(self, telegram: Telegram) -> list[tuple[Telegram, list[Reading]]]:
        """Return the telegrams that can be stored now, each with its readings; a part without its time waits.

        Parameters
        ----------
        telegram : Telegram
            Of a known device.
        """
        if telegram.pnum is None or telegram.pno is None or telegram.pnum <= 1:
            return [(telegram, self._readings(telegram, telegram.first("DataTime"), whole=True))]
        if not 1 <= telegram.pno <= telegram.pnum:
            self._report("part-number", f"{telegram.pno}/{telegram.pnum}", telegram.mn)
        key = (telegram.mn, telegram.qn, telegram.cn)
        time = telegram.first("DataTime") or self._times.get(key, "")
        if not time:
            waiting = self._waiting.setdefault(key, [])
            if all(telegram.pno != other.pno for other in waiting):
                waiting.append(telegram)
            while len(self._waiting) > _MOST_PARTS or len(waiting) > _MOST_PARTS:
                self._give_up(next(iter(self._waiting)))
                waiting = []
            return []
        self._times[key] = time
        if len(self._times) > _MOST_PARTS:
            self._times.popitem(last=False)
        parts = [telegram, *self._waiting.pop(key, ())]
        return [(part, self._readings(part, part.first("DataTime") or time, whole=False)) for part in parts]

    def close(self) -> None:
        """Report the parts that never got their time."""
        while self._waiting:
            self._give_up(next(iter(self._waiting)))

    def _give_up(self, key: tuple[str, str, str]) -> None:
        for part in self._waiting.pop(key):
            self._report("part-missing", f"QN={part.qn} PNO={part.pno}", part.mn)

    def _readings(self, telegram: Telegram, first_time: str, *, whole: bool) -> list[Reading]:
        device, channels = self._map.by_mn[telegram.mn], self._channels[telegram.mn]
        flags = {key[:-5]: value for key, value in telegram.cp if key.endswith("-Flag")}
        moment = self._instant(first_time, telegram)
        found: list[Reading] = []
        done: set[str] = set()
        for key, word in telegram.cp:
            if key == "DataTime":
                if word != first_time:
                    first_time = word
                    moment = self._instant(word, telegram)
                    done.clear()
                continue
            channel = channels.get((telegram.cn, key))
            if channel is None:
                self._unmapped(telegram, key)
                continue
            if moment is None:
                continue
            if key in done:
                self._report("repeated-value", f"{key}={word}", telegram.mn)
                continue
            done.add(key)
            value = self._value(telegram, channel, key, word)
            if value is None:
                continue
            flag = self._flag(telegram, channel.code, flags, device.unflagged if whole else DOUBTFUL)
            found.append((channel.tag, moment[0], value, max(flag, DOUBTFUL) if moment[1] else flag))
        return found

    def _instant(self, word: str, telegram: Telegram) -> tuple[int, bool] | None:
        if not word:
            self._report("no-time", telegram.cn, telegram.mn)
            return None
        moment = instant_of(word, self._map.zone)
        if moment is None:
            self._report("bad-time", word, telegram.mn)
        elif moment[1]:
            self._report("doubtful-time", word, telegram.mn)
        elif len(word) != 14:
            self._report("long-time", word, telegram.mn)
        return moment

    def _unmapped(self, telegram: Telegram, key: str) -> None:
        code, dash, _ = key.rpartition("-")
        if dash and code not in self._codes[telegram.mn]:
            self._report("unknown-code", key, f"{telegram.mn}:{code}")

    def _value(self, telegram: Telegram, channel: Hj212Channel, key: str, word: str) -> float | None:
        if not word:
            self._report("blank-value", key, f"{telegram.mn}:{channel.code}")
            return None
        if not _DECIMAL.fullmatch(word) or len(word) > 40:
            self._report("no-decimal", f"{key}={word}", f"{telegram.mn}:{channel.code}")
            return None
        value = float(word)
        if channel.factor != 1.0 or channel.offset != 0.0:
            value = channel.factor * value + channel.offset
        return value

    def _flag(self, telegram: Telegram, code: str, flags: dict[str, str], unflagged: int) -> int:
        word = flags.get(code, "")
        if not word:
            if unflagged != GOOD:
                self._report("no-flag", telegram.cn, f"{telegram.mn}:{code}")
            return unflagged
        known = reading_of_flags().get(word)
        if known is None:
            self._report("unknown-flag", word, f"{telegram.mn}:{code}")
            return DOUBTFUL
        return known
