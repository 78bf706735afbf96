"""How many telegrams of HJ 212 are read in a processor second, against merely splitting the same bytes at commas.

A stack reports ten quantities with their values, their values at reference oxygen and their flags. Reading finds the
telegram in the stream, checks its length and check digits and takes every field apart; the split does none of that and
is the least that anybody must do to see the values. The check digits alone are shown beside.

Processor seconds, the best of several rounds.

Run: ``python benchmarks/read_hj212_frames.py [thousand telegrams]``
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from forgecast.gateway.hj212.checksum import check_value
from forgecast.gateway.hj212.decoder import Decoder
from forgecast.gateway.hj212.telegram import Telegram, write

CODES, CHUNK, ROUNDS = 10, 65_536, 5


def main() -> None:
    count = 1000 * (int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    stream = b"".join(telegram(number) for number in range(count))
    read = best(lambda: decoded(stream))
    split = best(lambda: len(stream.replace(b";", b",").replace(b"=", b",").decode().split(",")))
    one = telegram(1)
    check = best(lambda: [check_value(one[6:-6]) for _ in range(count)])
    size = len(stream) / count
    print(f"telegrams of {size:.0f} bytes, {2 * CODES} values each; frames per processor second")
    print(f"  read             {count / read:>12,.0f}   {stream_rate(stream, read):6.1f} MB/s")
    print(f"  split only       {count / split:>12,.0f}   {stream_rate(stream, split):6.1f} MB/s")
    print(f"  check digits     {count / check:>12,.0f}   {stream_rate(stream, check):6.1f} MB/s")
    print(f"reading takes {read / split:.1f} times the split")


def telegram(number: int) -> bytes:
    cp: list[tuple[str, str]] = [("DataTime", "20250301080000")]
    for code in range(CODES):
        name = f"a{21000 + code}"
        cp += [
            (f"{name}-Rtd", f"{number % 977 / 10 + code:.2f}"),
            (f"{name}-ZsRtd", f"{code + 1.5}"),
            (f"{name}-Flag", "N"),
        ]
    qn = f"202503010{number:08d}"
    return write(Telegram(qn, "31", "2011", "123456", "010000A8900016F000169DC0", 5, None, None, tuple(cp)))


def decoded(stream: bytes) -> int:
    decoder = Decoder()
    found = sum(len(decoder.feed(stream[at : at + CHUNK])) for at in range(0, len(stream), CHUNK))
    return found + len(decoder.close())


def stream_rate(stream: bytes, seconds: float) -> float:
    return len(stream) / seconds / 1e6


def best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


if __name__ == "__main__":
    main()
