"""Live watch: events are journalled once, survive a stop, and people are heard and told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from forgecast.gateway.notify.send import MailServer, NotSentError, post, send_mail
from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.signals.alarm.event import Event, Shown, What
from forgecast.signals.batch import Batch
from forgecast.store.notify_settings import NotifyRoute
from forgecast.store.outbox import Outbox
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.act_on_alarm import act_on_alarm
from forgecast.tasks.alarm_journal import journal_of
from forgecast.tasks.draft_incidents import drafts_of, precursors_of, record_incidents, unwatched_hazards
from forgecast.tasks.gate_signals import gate_signals
from forgecast.tasks.latest_signals import latest_signals
from forgecast.tasks.replay_alarm import replay_alarm
from forgecast.tasks.review_alarms import alarm_states, review_alarms
from forgecast.tasks.tell_alarm import FLOOD, Teller
from forgecast.tasks.watch_signals import SignalWatch
from tests.tasks.watched_plants import ALARM, START, S, flow_batch, store, water_plant

#: What two readings too low, a minute apart, and two in order again say.
DIP = ((0.0, 30.0), (10.0, 15.0), (70.0, 15.0), (80.0, 25.0), (90.0, 30.0))


def at(second: float) -> int:
    return START + round(second * S)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def told(events: list[Event]) -> list[tuple[str, float]]:
    return [(str(event.what), (event.at - START) / S) for event in events]


def test_a_batch_is_watched_and_journalled_once(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p") as plant:
        with SignalWatch(plant, now=lambda: at(100)) as watch:
            watch.take(flow_batch(1, *DIP))
            watch.take(flow_batch(1, *DIP))  # a source gives a batch again after a broken line
            assert watch.flush()
        assert told(journal_of(plant)) == [("raised", 40), ("returned", 80)]
        assert journal_of(plant)[0].value == 15.0
        [state] = alarm_states(plant, now=lambda: at(100))
        assert state.shown is Shown.RETURNED_UNACKNOWLEDGED


def test_the_passing_of_time_ends_a_delay(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p") as plant, SignalWatch(plant, now=lambda: at(10), grace_s=5.0) as watch:
        watch.take(flow_batch(1, *DIP[:2]))
        watch.tick(at(45))  # 40 s after the grace: the delay is not over yet
        assert watch.flush()
        assert journal_of(plant) == []
        watch.tick(at(46))
        assert watch.flush()
        assert told(journal_of(plant)) == [("raised", 40)]


def test_what_happened_while_nobody_watched_is_found_at_the_start(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p") as plant:
        seconds, values = np.array(DIP).T
        store(plant, ("EF1.FLOW", seconds, values))
        for _ in range(2):
            with SignalWatch(plant, now=lambda: at(100)) as watch:
                assert watch.flush()
            assert told(journal_of(plant)) == [("raised", 40), ("returned", 80)]


def test_a_stop_in_the_middle_of_a_delay_loses_nothing(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p") as plant:
        seconds, values = np.array(DIP[:2]).T
        store(plant, ("EF1.FLOW", seconds, values))
        with SignalWatch(plant, now=lambda: at(20)) as watch:
            watch.flush()
        assert journal_of(plant) == []
        with SignalWatch(plant, now=lambda: at(20)) as watch:
            watch.take(flow_batch(2, *DIP[2:]))
            assert watch.flush()
        assert told(journal_of(plant)) == [("raised", 40), ("returned", 80)]


def test_a_plant_that_cannot_write_holds_no_reading_up_and_loses_no_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import forgecast.tasks.watch_signals as module

    free = threading.Event()
    real = module.write_events

    def busy(plant: PlantFolder, events: list[Event], *, by: str) -> None:
        if events and not free.is_set():
            raise PlantError(module_text(), repair=module_text())
        real(plant, events, by=by)

    monkeypatch.setattr(module, "write_events", busy)
    monkeypatch.setattr(module, "_AGAIN_S", 0.01)
    with water_plant(tmp_path / "p") as plant, SignalWatch(plant, now=lambda: at(100)) as watch:
        watch.take(flow_batch(1, *DIP))
        _until(lambda: watch.trouble is not None)
        assert not watch.flush(0.2)
        free.set()
        assert watch.flush()
        assert watch.trouble is None
        assert told(journal_of(plant)) == [("raised", 40), ("returned", 80)]


def module_text():  # type: ignore[no-untyped-def]
    from forgecast.ground.texts import verbatim

    return verbatim("busy")


def test_an_alarm_recorded_meanwhile_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import forgecast.tasks.watch_signals as module
    from forgecast.tasks.record_entry import record_entries

    monkeypatch.setattr(module, "_LISTENS_S", 0.02)
    with (
        water_plant(tmp_path / "p", []) as plant,
        plant.live(by="test") as live,
        SignalWatch(plant, now=lambda: at(60)) as watch,
    ):
        for batch in (flow_batch(1, *DIP[:2]), flow_batch(2, *DIP[2:])):
            live.take(batch)
            watch.take(batch)
            if batch.seq == 1:
                record_entries(plant, "alarm", [ALARM], by="Li")
                _until(lambda: bool(watch.standings))
        assert watch.flush()
        assert told(journal_of(plant)) == [("raised", 40), ("returned", 80)]


def test_readings_that_were_kept_back_for_long_are_watched_all_the_same(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p") as plant, SignalWatch(plant, now=lambda: at(0)) as watch:
        watch.take(flow_batch(1, (0.0, 30.0)))
        watch.tick(at(3600))  # the line is down for an hour
        watch.take(flow_batch(2, *DIP[1:]))
        assert watch.flush()
        assert told(journal_of(plant)) == [("raised", 40), ("returned", 80)]


def test_implausible_readings_ring_only_where_safety_is_at_stake(tmp_path: Path) -> None:
    process = {**ALARM, "id": "P", "hazard": None, "on_delay": 0.0}
    safety = {**ALARM, "id": "S", "on_delay": 0.0}
    with water_plant(tmp_path / "p", [process, safety]) as plant, SignalWatch(plant, now=lambda: at(9)) as watch:
        watch.take(flow_batch(1, (0.0, -5.0)))
        assert watch.flush()
        assert [(event.alarm, event.what) for event in journal_of(plant)] == [("S", What.RAISED)]


def test_people_act_and_are_heard(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p") as plant:
        with SignalWatch(plant, now=lambda: at(60)) as watch:
            watch.take(flow_batch(1, *DIP[:3]))
            assert watch.flush()
        act_on_alarm(plant, "EF1-WATER", What.ACKNOWLEDGED, by="Li", now=lambda: at(100))
        with pytest.raises(ForgecastError, match="acknowledged"):
            act_on_alarm(plant, "EF1-WATER", What.ACKNOWLEDGED, by="Li", now=lambda: at(101))
        [state] = alarm_states(plant, now=lambda: at(102))
        assert state.shown is Shown.ACKNOWLEDGED
        act_on_alarm(plant, "EF1-WATER", What.SHELVED, by="Li", shelve_s=3600, now=lambda: at(103))
        assert alarm_states(plant, now=lambda: at(104))[0].shown is Shown.SHELVED
        assert alarm_states(plant, now=lambda: at(104 + 3600))[0].shown is Shown.ACKNOWLEDGED
        for what, hint in (
            (What.SHELVED, "limited time"),
            (What.OUT_OF_SERVICE, "reason"),
            (What.IN_SERVICE, "shelved"),
        ):
            with pytest.raises(ForgecastError, match=hint):
                act_on_alarm(plant, "EF1-WATER", what, by="Li", now=lambda: at(105))
        with pytest.raises(ForgecastError, match="no alarm NONE"):
            act_on_alarm(plant, "NONE", What.ACKNOWLEDGED, by="Li")
        with pytest.raises(ForgecastError, match="nobody answers"):
            act_on_alarm(plant, "EF1-WATER", What.SHELVED, by=" ", shelve_s=60)


class Post:
    """Takes messages instead of a server, or refuses them."""

    def __init__(self) -> None:
        self.works = True
        self.subjects: list[str] = []
        self.bodies: list[str] = []

    def __call__(self, route: NotifyRoute, subject: str, body: str, content: Mapping[str, object], at: int) -> None:
        del route, content, at
        if not self.works:
            raise NotSentError(module_text(), repair=module_text())
        self.subjects.append(subject)
        self.bodies.append(body)


WEBHOOK = '\n[[notify]]\nkind = "webhook"\nurl = "http://127.0.0.1:1/"\npriority = "low"\nlanguage = "en"\n'


def test_a_message_is_tried_again_until_it_arrives_and_the_journal_says_so(tmp_path: Path) -> None:
    clock = [at(0)]
    sender = Post()
    with water_plant(tmp_path / "p", settings=WEBHOOK) as plant:
        teller = Teller(plant, sender=sender, now=lambda: clock[0], starts=False)
        teller.tell([Event("EF1-WATER", at(0), What.RAISED, 15.0)])
        sender.works = False
        waits = []
        for _ in range(4):
            assert teller.send_due() == 1
            [letter] = Outbox(plant.path).waiting()
            waits.append((letter.due_at - clock[0]) / S)
            clock[0] = letter.due_at
        assert waits == [5, 10, 20, 40]
        sender.works = True
        # Another process takes the outbox over after a stop.
        assert Teller(plant, sender=sender, now=lambda: clock[0], starts=False).send_due() == 0
        assert len(sender.subjects) == 1
        assert "critical: EF1-WATER" in sender.subjects[0]
        assert "Value: 15 m³/h" in sender.bodies[0]
        assert "What to do: lower the power" in sender.bodies[0]
        assert [event.what for event in journal_of(plant)] == [What.NOT_NOTIFIED, What.NOTIFIED]


def test_a_message_is_given_up_after_a_day(tmp_path: Path) -> None:
    clock = [at(0)]
    sender = Post()
    sender.works = False
    with water_plant(tmp_path / "p", settings=WEBHOOK) as plant:
        teller = Teller(plant, sender=sender, now=lambda: clock[0], starts=False)
        teller.tell([Event("EF1-WATER", at(0), What.RAISED, 15.0)])
        teller.send_due()
        clock[0] = at(86_401)
        assert teller.send_due() == 0
        assert [event.what for event in journal_of(plant)] == [What.NOT_NOTIFIED] * 2


def test_a_flood_is_told_together_and_what_is_critical_at_once(tmp_path: Path) -> None:
    alarms = [{**ALARM, "id": f"A{n:02d}", "priority": "critical" if n == 29 else "low"} for n in range(30)]
    sender = Post()
    clock = [at(0)]
    with water_plant(tmp_path / "p", alarms, settings=WEBHOOK) as plant:
        teller = Teller(plant, sender=sender, now=lambda: clock[0], starts=False)
        teller.tell([Event(str(alarm["id"]), at(0), What.RAISED, 1.0) for alarm in alarms])
        assert teller.send_due() == 0
        assert len(sender.subjects) == 2
        assert "A29" in sender.subjects[0]
        assert "29 alarms at once" in sender.subjects[1]
        assert all(f"A{n:02d}" in sender.bodies[1] for n in range(29))
        # What comes within the next ten minutes of the flood waits for the next digest.
        for minute in range(1, 9):
            clock[0] = at(60 * minute)
            teller.tell([Event(f"A{n:02d}", clock[0], What.RAISED, 1.0) for n in range(FLOOD + 1)])
            teller.send_due()
        assert len(sender.subjects) == 2
        clock[0] = at(601)
        assert teller.send_due() == 0
        assert len(sender.subjects) == 3
        assert {event.what for event in journal_of(plant)} == {What.NOTIFIED}


def test_only_priorities_of_a_route_are_told_and_shelved_alarms_are_not(tmp_path: Path) -> None:
    high = WEBHOOK.replace('"low"', '"high"')
    alarms = [{**ALARM, "id": "LOW", "priority": "low"}, {**ALARM, "id": "QUIET"}, ALARM]
    sender = Post()
    with water_plant(tmp_path / "p", alarms, settings=high) as plant:
        act_on_alarm(plant, "QUIET", What.SHELVED, by="Li", shelve_s=3600, now=lambda: at(0))
        teller = Teller(plant, sender=sender, now=lambda: at(50), starts=False)
        with SignalWatch(plant, teller=teller, now=lambda: at(60)) as watch:
            watch.take(flow_batch(1, *DIP[:3]))
            assert watch.flush()
        teller.send_due()
        assert [subject.split()[-1] for subject in sender.subjects] == ["EF1-WATER"]


class Mailbox:
    """A mail server of its own thread, on a free port."""

    def __init__(self, *, refuses: bool = False, tls: ssl.SSLContext | None = None) -> None:
        self.messages: list[str] = []
        self.encrypted, self._tls = False, tls
        self.refuses = refuses
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(300)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(server.wait_closed())
        self._loop.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"EHLO":
                writer.write(b"250-test\r\n" + (b"250-STARTTLS\r\n" if self._tls else b"") + b"250 SMTPUTF8\r\n")
            elif word == b"STARTTLS" and self._tls:
                writer.write(b"220 go on\r\n")
                await writer.drain()
                await writer.start_tls(self._tls)
                self.encrypted = True
            elif word == b"RCPT" and self.refuses:
                writer.write(b"550 no such person\r\n")
            elif word == b"DATA":
                writer.write(b"354 go on\r\n")
                data = (await reader.readuntil(b"\r\n.\r\n")).decode("utf-8")
                self.messages.append(data)
                writer.write(b"250 kept\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(300)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    yield box
    box.close()


def test_an_alarm_reaches_a_mailbox(tmp_path: Path, mailbox: Mailbox) -> None:
    route = (
        f'\n[[notify]]\nkind = "email"\nhost = "127.0.0.1"\nport = {mailbox.port}\nstarttls = false\n'
        'to = ["shift@example.com"]\nfrom = "forgecast@example.com"\nlanguage = "en"\n'
    )
    with (
        water_plant(tmp_path / "p", settings=route) as plant,
        Teller(plant) as teller,
        SignalWatch(plant, teller=teller, now=lambda: at(60)) as watch,
    ):
        watch.take(flow_batch(1, *DIP[:3]))
        assert watch.flush()
        _until(lambda: What.NOTIFIED in {event.what for event in journal_of(plant)})
        assert [event.what for event in journal_of(plant)] == [What.RAISED, What.NOTIFIED]
    [message] = mailbox.messages
    assert "To: shift@example.com" in message
    assert "critical: EF1-WATER" in message


def test_mail_servers_that_refuse_or_do_not_encrypt_are_errors(mailbox: Mailbox) -> None:
    asked = ("a@example.com", ["b@example.com"], "s", "b", 0)
    send_mail(MailServer("127.0.0.1", mailbox.port, starttls=False), *asked)
    with pytest.raises(NotSentError):
        send_mail(MailServer("127.0.0.1", mailbox.port), *asked)  # it offers no STARTTLS
    mailbox.refuses = True
    with pytest.raises(NotSentError, match="no such person"):
        send_mail(MailServer("127.0.0.1", mailbox.port, starttls=False), *asked)
    assert len(mailbox.messages) == 1


def test_mail_is_encrypted_and_only_a_trusted_server_gets_it(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    day, now = timedelta(days=1), datetime.now(UTC)
    paper = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + paper.public_bytes(serialization.Encoding.PEM))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    box = Mailbox(tls=tls)
    trusting = ssl.create_default_context()
    trusting.load_verify_locations(pem)
    asked = ("a@example.com", ["b@example.com"], "s", "b", 0)
    try:
        send_mail(MailServer("127.0.0.1", box.port), *asked, context=trusting)
        assert box.encrypted
        assert len(box.messages) == 1
        with pytest.raises(NotSentError, match="certificate"):
            send_mail(MailServer("127.0.0.1", box.port), *asked)
        assert len(box.messages) == 1
    finally:
        box.close()


@contextlib.contextmanager
def web(status: int) -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    """Yield the address of a web server and what was posted to it."""
    got: list[tuple[str, dict[str, object]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers.get("Authorization", ""), json.loads(body)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/alarms", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_gets_json() -> None:
    with web(204) as (url, got):
        post(url, {"alarm": "A", "text": "漏炉"}, token="t0ken")  # noqa: S106
        assert got == [("Bearer t0ken", {"alarm": "A", "text": "漏炉"})]
    with web(500) as (url, _), pytest.raises(NotSentError, match="500"):
        post(url, {})
    with pytest.raises(NotSentError):
        post(url, {}, timeout_s=1.0)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('kind = "pigeon"', "pigeon"),
        ('kind = "webhook"\nurl = "ftp://x"', "ftp://x"),
        ('kind = "webhook"\nurl = "http://x"\npassword = "p"', "notify.password"),
        ('kind = "webhook"\nurl = "http://x"\npriority = "urgent"', "urgent"),
        ('kind = "email"\nto = []\nfrom = "a@b"\nhost = "h"', "address"),
        ('kind = "email"\nto = ["a@b, c@d"]\nfrom = "a@b"\nhost = "h"', "address"),
        ('kind = "email"\nto = ["a@b"]\nfrom = "a@b"', "server"),
    ],
)
def test_a_wrong_way_to_tell_is_refused_with_its_line(tmp_path: Path, lines: str, says: str) -> None:
    with pytest.raises(PlantError) as told_so:
        water_plant(tmp_path / "p", settings=f"\n[[notify]]\n{lines}\n")
    assert says in told_so.value.say("en")
    assert "plant.toml:" in told_so.value.where


def test_the_outbox_leaves_alone_what_is_none_of_its_own(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    assert box.waiting() == ()
    first, second = box.put({"n": 1}, 5), box.put({"n": 2}, 5)
    (tmp_path / "outbox" / "notes.json").write_text("not JSON", encoding="utf-8")
    assert [letter.content["n"] for letter in box.waiting()] == [1, 2]
    later = box.failed(first, 99)
    box.done(second)
    [left] = Outbox(tmp_path).waiting()
    assert (left.name, left.attempts, left.due_at) == (first.name, 1, 99) == (later.name, 1, 99)


def test_the_latest_values_have_their_age(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p") as plant:
        store(plant, ("EF1.FLOW", np.arange(10.0), np.full(10, 30.0)), ("EF1.LEAK", np.arange(3.0), np.arange(3.0)))
        found = {one.tag: one for one in latest_signals(plant, now=lambda: at(20))}
        assert {tag: (one.value, one.age, one.late) for tag, one in found.items()} == {
            "EF1.FLOW": (30.0, 11.0, False),
            "EF1.LEAK": (2.0, 18.0, True),
        }


def test_the_gate_is_asked_of_stored_series(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    seconds = np.delete(np.arange(2000.0) * 10.0, slice(500, 560))
    values = 30.0 + rng.normal(0.0, 0.3, seconds.size)
    values[1200] = 55.0
    with water_plant(tmp_path / "p") as plant:
        store(plant, ("EF1.FLOW", seconds, values))
        [found] = gate_signals(plant, ["EF1.FLOW"])
        paper = found.certificate
        assert (paper.due, paper.present) == (2000, 1940)
        assert [(doubt.reason, (doubt.start - START) // S) for doubt in paper.doubts] == [
            ("gap", 4990),
            ("spike", round(seconds[1200])),
        ]
        assert paper.good == 1939
        with pytest.raises(ForgecastError, match="no readings"):
            gate_signals(plant, ["NONE"])


def leaking(plant: PlantFolder) -> None:
    """Store two hours in which leakage rises to its limit and the lining thins, and water holds."""
    rng = np.random.default_rng(1)
    seconds = np.arange(720.0) * 10.0
    store(
        plant,
        ("EF1.LEAK", seconds, 20.0 + 0.01 * seconds + rng.normal(0.0, 2.0, 720)),
        ("EF1.LINING", seconds, 120.0 - 0.002 * seconds + rng.normal(0.0, 1.0, 720)),
        ("EF1.FLOW", seconds, 30.0 + rng.normal(0.0, 1.0, 720)),
    )


LEAK = {**ALARM, "id": "EF1-LEAK", "tag": "EF1.LEAK", "kind": "high", "limit": 150.0, "deadband": 5.0,
        "hazard": "leakage_current", "priority": "high"}  # fmt: skip


def test_an_early_warning_comes_with_its_interval(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p", [ALARM, LEAK]) as plant:
        leaking(plant)
        states = {one.alarm.id: one for one in alarm_states(plant, now=lambda: at(7200))}
        warning = states["EF1-LEAK"].warning
        assert warning is not None
        # 20 + 0.01 t = 150 at 13000 s: 5810 s after the last reading.
        assert warning.earliest <= 5810.0 <= warning.latest
        assert warning.latest - warning.earliest < 1000.0
        assert states["EF1-WATER"].warning is None
        [precursor] = precursors_of(plant, at(7200))
        assert (precursor.hazard, precursor.equipment) == ("run_out", "EF1")
        assert {tag for tag, _ in precursor.signals} == {"EF1.LEAK", "EF1.LINING"}
        assert precursors_of(plant, at(30_000)) == ()
        assert ("EF1.LINING", False) in {(tag, signal.upwards) for tag, signal in unwatched_hazards(plant)}
        assert "EF1.FLOW" not in {tag for tag, _ in unwatched_hazards(plant)}


def test_an_incident_is_drafted_from_alarms_and_what_people_wrote_stays(tmp_path: Path) -> None:
    first = {**ALARM, "id": "FLOW-LOW", "priority": "high"}
    last = {**ALARM, "id": "FLOW-LOW-LOW", "kind": "low_low", "limit": 10.0, "on_delay": 0.0}
    readings = ((0.0, 30.0), (10.0, 15.0), (200.0, 15.0), (400.0, 5.0), (500.0, 30.0))
    with water_plant(tmp_path / "p", [first, last]) as plant:
        with SignalWatch(plant, now=lambda: at(410)) as watch:
            watch.take(flow_batch(1, *readings))
            assert watch.flush()
        act_on_alarm(plant, "FLOW-LOW-LOW", What.ACKNOWLEDGED, by="Li", now=lambda: at(430))
        [draft] = drafts_of(plant)
        assert [(one - START) / S for one in (draft.began_at, draft.noticed_at, draft.handled_at, draft.ended_at)
                if one is not None] == [10, 40, 430, 500]  # fmt: skip
        assert (draft.alarm, draft.handled_by, draft.hazard) == ("FLOW-LOW", "Li", "cooling_water")
        said = [one.say("en") for one in draft.evaluation]
        assert said[0] == "seen early: FLOW-LOW rang 6 min before FLOW-LOW-LOW"
        assert said[1] == "acknowledged after 6.5 min, later than the 5 min allowed"
        assert record_incidents(plant, (draft,), "en", by="Li") == 1
        put_cause = {"id": draft.id, "cause": "pump", "evaluation": "mine"}
        from forgecast.tasks.record_entry import record_entries

        record_entries(plant, "incident", [put_cause], by="Li")
        assert record_incidents(plant, drafts_of(plant), "en", by="Li") == 0
        [row] = plant.records.read("incident")
        assert (row["cause"], row["evaluation"], row["severity"]) == ("pump", "mine", "precursor")


def test_a_replay_knows_the_incidents_on_record(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    seconds = np.arange(8640.0) * 10.0
    values = 30.0 + rng.normal(0.0, 1.0, seconds.size)
    values[4000:4060] = 12.0  # the pump stops for ten minutes
    values[[1000, 2000, 6000]] = 15.0  # single drops: no incident
    with water_plant(tmp_path / "p") as plant:
        store(plant, ("EF1.FLOW", seconds, values))
        from forgecast.tasks.alarm_journal import alarm_of
        from forgecast.tasks.record_entry import record_entries

        record_entries(plant, "incident", [{"id": "I1", "hazard": "cooling_water", "equipment": "EF1",
                       "began_at": at(40_000), "ended_at": at(40_600)}], by="Li")  # fmt: skip
        found = replay_alarm(plant, alarm_of(plant, "EF1-WATER"), deadbands=[2.0], on_delays=[0.0, 30.0, 3600.0])
        by_delay = {other.alarm.on_delay: other.trial for other in found.others}
        assert {delay: len(trial.rings) for delay, trial in by_delay.items()} == {0.0: 4, 30.0: 1, 3600.0: 0}
        assert len(by_delay[0.0].false_rings or ()) == 3
        assert len(by_delay[0.0].doubtful) == 3
        assert [one.lead for one in by_delay[30.0].noticed] == [-30.0]
        assert by_delay[0.0].attention(300.0) == 900.0
        assert found.calmest is not None
        assert found.calmest.alarm.on_delay == 30.0


def test_a_review_of_a_journal(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p", [{**ALARM, "on_delay": 0.0}]) as plant:
        pairs = [(10.0 * n, 15.0 if n % 2 else 30.0) for n in range(40)]
        with SignalWatch(plant, now=lambda: at(400)) as watch:
            watch.take(flow_batch(1, *pairs))
            assert watch.flush()
        found = review_alarms(plant, 1.0)
        assert len(found.rings) == 20
        assert [(flood.count, flood.first) for flood in found.floods] in ([], [(20, "EF1-WATER")])
        assert found.chattering == (("EF1-WATER", 20),)
        assert found.fleeting[0] == ("EF1-WATER", 19)


def test_a_batch_of_other_series_is_nobodys_business(tmp_path: Path) -> None:
    with water_plant(tmp_path / "p") as plant, SignalWatch(plant, now=lambda: at(0)) as watch:
        empty = np.empty(0, np.int64)
        watch.take(flow_batch(1, (0.0, 1.0), tag="OTHER"))
        watch.take(Batch("test", 2, (), empty.astype(np.int32), empty, empty.astype(float), empty.astype(np.int8)))
        assert watch.flush()
        assert journal_of(plant) == []
