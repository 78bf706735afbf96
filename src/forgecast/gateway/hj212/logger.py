"""What a data logger makes of its samples: telegrams of real-time values, and means of minutes and hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeAlias

from forgecast.gateway.hj212.telegram import ANSWER, EDITION_2017, PARTS, Telegram

Number: TypeAlias = "float | Decimal | None"
#: Value and flag of a code, and its value at reference oxygen where there is one.
Sample: TypeAlias = "tuple[Number, str] | tuple[Number, str, Number]"
_GOOD = "N"
#: Bytes that a data area may have (HJ 212-2017, 6.3.2, as quoted); longer ones go in parts.
LONGEST_AREA = 950


def written(value: Number) -> str:
    """Write a number as a plain decimal that reads back to the same one; nothing where there is none."""
    if value is None:
        return ""
    return format(value if isinstance(value, Decimal) else Decimal(repr(float(value))), "f")


def fields_of(samples: Mapping[str, Sample]) -> tuple[tuple[str, str], ...]:
    """Return the data area of real-time values."""
    made: list[tuple[str, str]] = []
    for code, (value, flag, *converted) in samples.items():
        made.append((f"{code}-Rtd", written(value)))
        made += [(f"{code}-ZsRtd", written(one)) for one in converted]
        made.append((f"{code}-Flag", flag))
    return tuple(made)


@dataclass(slots=True)
class _Gathered:
    values: list[Decimal] = field(default_factory=list)
    converted: list[Decimal] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)


class Period:
    """Gathers samples of one minute, hour or day.

    Parameters
    ----------
    valid_share : float
        Share of good samples from which on the mean is flagged good; below, it has the most frequent other flag.
    places : int
        Decimals of the means.
    """

    def __init__(self, *, valid_share: float = 0.75, places: int = 3) -> None:
        self._share, self._unit = valid_share, Decimal(1).scaleb(-places)
        self._codes: dict[str, _Gathered] = {}

    def add(self, samples: Mapping[str, Sample]) -> None:
        """Take in the samples of one instant."""
        for code, (value, flag, *converted) in samples.items():
            gathered = self._codes.setdefault(code, _Gathered())
            gathered.flags[flag] += 1
            if flag == _GOOD and value is not None:
                gathered.values.append(Decimal(written(value)))
                gathered.converted += [Decimal(written(one)) for one in converted if one is not None]

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Return the data area of the period: least, mean and greatest good value, and a flag for each code."""
        made: list[tuple[str, str]] = []
        for code, gathered in self._codes.items():
            for values, prefix in ((gathered.values, ""), (gathered.converted, "Zs")):
                if values:
                    mean = (sum(values, Decimal(0)) / len(values)).quantize(self._unit, ROUND_HALF_EVEN)
                    made += [
                        (f"{code}-{prefix}Min", written(min(values))),
                        (f"{code}-{prefix}Avg", written(mean)),
                        (f"{code}-{prefix}Max", written(max(values))),
                    ]
            made.append((f"{code}-Flag", self._flag(gathered.flags)))
        return tuple(made)

    def _flag(self, flags: Counter[str]) -> str:
        if flags[_GOOD] >= self._share * flags.total():
            return _GOOD
        others = Counter({flag: count for flag, count in flags.items() if flag != _GOOD})
        return others.most_common(1)[0][0]


def telegrams_of(
    base: Telegram, stamp: str, cp: Sequence[tuple[str, str]], *, answer: bool = True, edition: int = EDITION_2017
) -> Iterator[Telegram]:
    """Return the telegram of one time, in parts where its data area is too long; a code is never torn apart.

    Parameters
    ----------
    base : Telegram
        Its number, system, command, password and device.
    stamp : str
        ``DataTime``, which every part repeats.
    cp : sequence of (key, value)
    answer : bool
        Whether an answer is asked for.
    edition : int
        1 for HJ 212-2017, 2 for HJ 212-2025.
    """
    head = ("DataTime", stamp)
    groups: list[list[tuple[str, str]]] = []
    for key, value in cp:
        if groups and groups[-1][-1][0].rpartition("-")[0] == key.rpartition("-")[0]:
            groups[-1].append((key, value))
        else:
            groups.append([(key, value)])
    parts: list[list[tuple[str, str]]] = [[]]
    size = 0
    for group in groups:
        own = sum(len(key) + len(value) + 2 for key, value in group)
        if parts[-1] and size + own > LONGEST_AREA - 30:
            parts.append([])
            size = 0
        parts[-1] += group
        size += own
    flag = (edition << 2) | (ANSWER if answer else 0)
    for number, part in enumerate(parts, start=1):
        several = len(parts) > 1
        yield Telegram(
            base.qn, base.st, base.cn, base.pw, base.mn, flag | (PARTS if several else 0),
            len(parts) if several else None, number if several else None, (head, *part),
        )  # fmt: skip
