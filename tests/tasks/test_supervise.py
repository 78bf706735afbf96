"""Gateways under supervision: one that falls silent is started again, and one that only starts slowly is not."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import SimpleNamespace

import pytest

from forgecast.tasks import supervise
from forgecast.tasks.supervise import SILENCE_S, STARTS_S, Told, _Ears, _Gateway


def says_nothing(_job: object, talk: Connection, _orders: Connection) -> None:
    with contextlib.suppress(EOFError):
        talk.recv()


def says_one_word(job: object, talk: Connection, orders: Connection) -> None:
    talk.send(("beat", {"rows": 7}))
    says_nothing(job, talk, orders)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.mark.parametrize(("speaks", "patience"), [(says_nothing, STARTS_S), (says_one_word, SILENCE_S)])
def test_one_that_has_not_said_a_word_yet_is_given_longer(monkeypatch, speaks, patience):
    now = [1_000.0]
    monkeypatch.setattr(supervise, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(supervise, "gateway_process", speaks)
    job = SimpleNamespace(source="s", settings=SimpleNamespace(name="press"))
    told = Told()
    gateway = _Gateway(job, None, told, _Ears((), told))
    gateway.start()
    try:
        _until(lambda: speaks is says_nothing or gateway.state == {"rows": 7})
        now[0] += patience - 1
        gateway.look_after()
        assert told.as_json() == ()
        now[0] += 2
        gateway.look_after()
        assert [one["code"] for one in told.as_json()] == ["gateway-silent"]
        _until(lambda: not gateway.running)
    finally:
        gateway.end(0.0)
