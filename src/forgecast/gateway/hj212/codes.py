"""The tables of HJ 212 that the gateway reads: what a flag says of its value, what a command is."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType

from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, verbatim
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID

#: Commands whose telegrams bring values with a time: real-time, minute, hourly and daily data.
REAL_TIME, MINUTE, HOUR, DAY = "2011", "2051", "2061", "2031"
VALUES = (REAL_TIME, MINUTE, HOUR, DAY)
_WORDS = {"good": GOOD, "doubtful": DOUBTFUL, "invalid": INVALID}


@lru_cache(maxsize=1)
def reading_of_flags() -> MappingProxyType[str, int]:
    """Return what each flag of the two editions says of its value: `GOOD`, `DOUBTFUL` or `INVALID`."""
    return MappingProxyType({row["flag"]: _WORDS[row["reading"]] for row in read_table("hj212_flag")})


@lru_cache(maxsize=1)
def commands() -> MappingProxyType[str, tuple[str, Text]]:
    """Return the commands: what kind each is (request, notice, data, answer, heartbeat), and its name."""
    rows = read_table("hj212_command")
    return MappingProxyType({row["command"]: (row["kind"], bilingual(row["en"], row["zh"])) for row in rows})


@lru_cache(maxsize=1)
def _names() -> dict[str, Text]:
    found: dict[str, Text] = {}
    for row in read_table("hj212_code"):
        for code in (row["code"], row["code_2005"]):
            if code:
                found.setdefault(code, bilingual(row["en"], row["zh"]))
    return found


def name_of_code(code: str) -> Text:
    """Return what a code of a pollutant or quantity means, the code itself where it is not in the table."""
    return _names().get(code) or verbatim(code)
