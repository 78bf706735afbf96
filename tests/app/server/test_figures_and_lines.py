"""What a running server tells: figures for Prometheus, lines of the log; who may read them; what is kept how long."""

from __future__ import annotations

import json
import logging
import os
import re
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from forgecast.app.jobs.watch import tidy
from forgecast.app.server import house as house_module
from forgecast.app.server.access_settings import ServerSettingsError
from forgecast.app.server.build import application
from forgecast.app.server.house import House
from forgecast.app.server.log_lines import ACCESS, FORM, JsonLines, PlainLines, choose_log, set_up_log
from forgecast.app.server.measured import Measured, may_read
from forgecast.app.server.quiet_logs import keep_secrets_out
from forgecast.app.server.running_settings import Keep, RunningSettings, read_running
from forgecast.store.server.presence import Presence, alive
from tests.app.server.serving import Browser

TOKEN = "a-token-of-the-figures"  # noqa: S105  (made up)


@pytest.fixture(scope="module")
def measured(server):
    return Measured(application(server.house, pages=False), server.house)


def figures(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_template_and_no_label_names_anybody(server, measured):
    near = Browser(server.portal, measured, address="127.0.0.1")
    before = figures(near.get("/metrics").text)
    person = server.program("a1-engineer", ["see"], plant="a1")
    told = Browser(server.portal, measured, headers=dict(person.client.headers), address="10.0.0.9")
    for _ in range(3):
        assert told.get("/api/v1/plants/a1/plant/series?x=hunt").status_code in {200, 422}
    assert told.get("/api/v1/plants/b1/plant/series").status_code == 404
    assert told.get("/api/nowhere/hunted").status_code == 404
    told.ask("HUNT", "/api/v1/plants")
    text = near.get("/metrics").text
    after = figures(text)
    route = "/api/v1/plants/{plant}/plant/series"
    counted = {k[2:]: v - before.get(k, 0) for k, v in after.items() if k[0] == "forgecast_requests_total"}
    assert sum(v for (name, _), v in counted.items() if name == route) == 4
    assert counted[route, "404"] == 1
    assert after["forgecast_request_seconds_count", route] == 4
    for word in ("a1", "b1", "hunt", "10.0.0.9", "engineer"):
        assert not re.search(rf'="[^"]*{word}', text, re.IGNORECASE), word


def test_jobs_workers_and_plants_are_told(server, measured):
    near = Browser(server.portal, measured, address="127.0.0.1")
    server.house.plant("a1")
    with Presence(server.house.home, "worker"):
        told = figures(near.get("/metrics").text)
        assert told["forgecast_workers",] == 1
    assert told["forgecast_web_processes",] == 1
    assert told["forgecast_open_plants",] == server.house.open_plants >= 1
    assert told["forgecast_jobs", "queued"] == 0
    assert told["forgecast_queue_age_seconds",] == 0
    assert told["forgecast_database_up",] == 1


def test_a_job_that_ended_is_timed(server, measured):
    import sqlalchemy as sa

    from forgecast.store.server import jobs
    from forgecast.store.server.tables import JOB

    near = Browser(server.portal, measured, address="127.0.0.1")
    with server.house.store.writing() as connection:
        new = jobs.new_job("a1", server.people.ids["a1-engineer"], "quality/chart", "{}", answer_key="k")
        made = jobs.submit(connection, new)
    waits = figures(near.get("/metrics").text)
    assert waits["forgecast_jobs", "queued"] == 1
    assert waits["forgecast_queue_age_seconds",] >= 0
    with server.house.store.writing() as connection:
        now = jobs.now_us(connection)
        values = {"state": "done", "begun_us": now - 2_000_000, "ended_us": now}
        connection.execute(sa.update(JOB).where(JOB.c.id == made.id).values(values))
    for _ in range(2):  # once, however often it is asked
        told = figures(near.get("/metrics").text)
        assert told["forgecast_job_seconds_count", "quality", "done"] == 1
    assert told["forgecast_job_seconds_sum", "quality", "done"] == pytest.approx(2.0, abs=0.001)


@pytest.mark.parametrize(
    ("address", "headers", "given", "may"),
    [
        ("127.0.0.1", {}, "", True),
        ("::1", {}, "", True),
        ("10.0.0.9", {}, "", False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, "", False),
        ("127.0.0.1", {"via": "1.1 proxy"}, "", False),
        ("10.0.0.9", {"authorization": f"Bearer {TOKEN}"}, TOKEN, True),
        ("10.0.0.9", {"authorization": f"Bearer {TOKEN}x"}, TOKEN, False),
        ("10.0.0.9", {"authorization": "Bearer "}, "", False),
        ("testclient", {}, "", False),
    ],
)
def test_who_may_read_the_figures(address, headers, given, may):
    scope = {
        "type": "http",
        "client": (address, 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    assert may_read(scope, given) is may


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("[metrics]\ntoken = 'short'\n", "metrics.token"),
        ("[metrics]\ntokens = 'x'\n", "metrics.tokens"),
        ("[keep]\njob_days = 0\n", "keep.job_days"),
        ("[keep]\njob_days = true\n", "keep.job_days"),
        ("[keep]\nyears = 1\n", "keep.years"),
        ("keep = 1\n", "keep"),
        ("[keep\n", "server.toml"),
    ],
)
def test_wrong_settings_are_named(tmp_path, content, where):
    (tmp_path / "server.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ServerSettingsError) as caught:
        read_running(tmp_path)
    assert where in caught.value.where


def test_settings_are_read(tmp_path):
    assert read_running(tmp_path) == RunningSettings(Keep(), "")
    content = f"[keep]\nanswers_a_question = 1\n[metrics]\ntoken = '{TOKEN}'\n[access]\nburst = 5.0\n"
    (tmp_path / "server.toml").write_text(content, encoding="utf-8")
    assert read_running(tmp_path) == RunningSettings(Keep(answers_a_question=1), TOKEN)


def test_a_line_of_json_tells_of_a_request_and_holds_no_secret(server, measured, capsys, monkeypatch):
    monkeypatch.setenv(FORM, "")
    monkeypatch.setenv(ACCESS, "")
    kept = logging.getLogger().handlers[:]
    try:
        choose_log("json", access=True)
        set_up_log()
        person = server.program("a1-engineer", ["see"], plant="a1")
        secret = person.client.headers["Authorization"].partition(" ")[2]
        told = Browser(
            server.portal, measured, headers={"Authorization": f"Bearer {secret}", "X-Request-Id": "abcdefgh1"}
        )
        assert told.get(f"/api/v1/plants?key={secret}").status_code == 200
        logging.getLogger("x").error("it said %s", f"code={secret}")
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        logging.getLogger().handlers[:] = kept
    (line,) = [line for line in lines if line["logger"] == "forgecast.access"]
    assert (line["request_id"], line["route"], line["status"]) == ("abcdefgh1", "/api/v1/plants", 200)
    assert line["account_id"] == server.people.ids["a1-engineer"]
    assert line["ms"] > 0
    assert secret not in json.dumps(lines)


@pytest.mark.parametrize("form", [JsonLines(), PlainLines()])
def test_a_traceback_holds_no_secret(form):
    handler = logging.StreamHandler()
    keep_secrets_out(handler)
    try:
        int("fgc_abcdefghijklmnop")
    except ValueError as error:
        record = logging.LogRecord("x", 40, __file__, 1, "no", (), (type(error), error, error.__traceback__))
    said = form.format(record)
    assert "ValueError" in said
    assert "abcdefghijklmnop" not in said


def test_lines_of_requests_are_off_unless_chosen(monkeypatch):
    monkeypatch.setenv(FORM, "")
    monkeypatch.setenv(ACCESS, "")
    kept = logging.getLogger().handlers[:]
    try:
        choose_log("plain", access=False)
        set_up_log()
        assert not logging.getLogger("forgecast.access").isEnabledFor(logging.INFO)
    finally:
        logging.getLogger().handlers[:] = kept


def test_plants_that_nobody_asks_for_are_let_go_of(server, monkeypatch):
    from forgecast.app.server.made_plant import make_plant

    make_plant(server.house.home / "plants" / "a2", name="A2", id_="a2", database=server.house.database)
    with House(server.house.home) as house:
        first = house.plant("a1")
        assert house.plant("a1") is first
        monkeypatch.setattr(house_module, "MOST_OPEN", 1)
        house.plant("a2")
        assert house.open_plants == 1
        assert first.audit_head() == house.plant("a1").audit_head(), "whoever still holds it is not disturbed"
        monkeypatch.setattr(house_module, "MOST_OPEN", 9)
        monkeypatch.setattr(house_module, "IDLE_S", 0.0)
        house.plant("a1")
        assert house.open_plants <= 1


def test_of_each_question_the_last_answers_stay(server):
    folder = server.house.home / "answers" / "a1"
    folder.mkdir(parents=True, exist_ok=True)
    day = 86_400
    for question, ages in {"q1": (0, 1, 2, 3, 4), "q2": (1, 9), "q3": (8,)}.items():
        for age in ages:
            path = folder / f"{question}-{age}.json"
            path.write_text("{}")
            os.utime(path, (time.time() - age * day,) * 2)
    tidy(server.house.store, server.house.home, Keep())
    assert sorted(path.stem for path in folder.iterdir()) == ["q1-0", "q1-1", "q1-2", "q2-1"]


def test_a_process_that_is_just_beginning_is_not_taken_for_gone(tmp_path, monkeypatch):
    monkeypatch.setattr("forgecast.store.server.presence._YOUNG_S", 50.0)
    (tmp_path / "present").mkdir()
    young = tmp_path / "present" / "worker-1-x.lock"
    young.write_bytes(b"")
    assert alive(tmp_path, "worker") == 1
    os.utime(young, (time.time() - 60,) * 2)
    assert alive(tmp_path, "worker") == 0


def test_an_answer_that_the_database_refused_is_entered_later(server, monkeypatch):
    from forgecast.app.api import said_before
    from forgecast.app.doors.asking import Asker
    from forgecast.ground.errors import PlantError
    from forgecast.ground.texts import text

    real = said_before.answered
    asker = Asker(server.people.ids["a1-engineer"], "a1-engineer", "en", frozenset())
    made = []

    def work():
        made.append(1)
        return _answer(len(made))

    def refuses(*_: object, **__: object) -> None:
        raise PlantError(text("the disk is full; nothing of this file was taken in"), repair=text("ask again"))

    monkeypatch.setattr(said_before, "answered", refuses)
    first = said_before.once(server.house, asker, "k9", "words", work)
    assert first.status_code == 200, "what was carried out is told to whoever asked"
    monkeypatch.setattr(said_before, "answered", real)
    again = said_before.once(server.house, asker, "k9", "words", work)
    assert (again.body, again.headers["Idempotency-Replayed"]) == (first.body, "true")
    assert made == [1]


def _answer(number: int):
    from starlette.responses import JSONResponse

    return JSONResponse({"n": number})
