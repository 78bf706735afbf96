"""The server is killed in the middle of an upload, a job, a form, a change: nothing half done is shown as done."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from forgecast.store.server import drafts
from forgecast.store.server.jobs import State
from tests.app.jobs.made_up_doors import let_go, ran

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
ROOT = Path(__file__).resolve().parents[3]


class Server:
    """A running server and a client of it."""

    def __init__(self, process: subprocess.Popen[str], client: httpx.Client) -> None:
        self.process, self.client = process, client

    def kill(self) -> None:
        """Kill web process, workers and children at once, as a power cut does."""
        group = os.getpgid(self.process.pid)
        members = [one for one in psutil.process_iter(["pid"]) if _group(one.pid) == group]
        os.killpg(group, signal.SIGKILL)
        psutil.wait_procs(members, timeout=60)
        self.process.wait(60)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


@contextmanager
def serving(served, workers: int = 1) -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.app.jobs.served_app", str(served.home), served.url, str(workers)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300, trust_env=False) as client:
            server = Server(process, client)
            try:
                yield server
            finally:
                if process.poll() is None:
                    server.kill()


def until(what: Callable[[], bool], within_s: float = 300.0) -> None:
    end = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def parts(served) -> list[Path]:
    return sorted((served.home / "uploads" / "p1").glob("_part-*"))


def test_killed_in_the_middle_of_an_upload(served):
    words = os.urandom(3_000_000)
    with serving(served) as server:
        whole = server.client.post("/plants/p1/uploads", params={"file_name": "a.stl"}, content=words).json()

        def half() -> Iterator[bytes]:
            yield words[:2_000_000]
            until(lambda: any(path.stat().st_size > 900_000 for path in parts(served)))
            server.kill()
            yield words[2_000_000:]

        with pytest.raises(httpx.TransportError):
            server.client.post("/plants/p1/uploads", params={"file_name": "b.stl"}, content=half())
    assert len(parts(served)) == 1
    with serving(served) as server:
        listed = server.client.get("/plants/p1/uploads").json()["uploads"]
        assert [one["id"] for one in listed] == [whole["id"]]
        back = server.client.get(f"/plants/p1/uploads/{whole['id']}/content").content
        assert back == words, "what was answered is there"
        until(lambda: parts(served) == [])


def test_killed_between_two_parts_of_an_upload_it_goes_on(on_sqlite):
    words = os.urandom(2_000_000)
    with serving(on_sqlite, 0) as server:
        asked = {"file_name": "c.step", "size": len(words)}
        begun = server.client.post("/plants/p1/uploads/parts", params=asked).json()
        address = f"/plants/p1/uploads/parts/{begun['id']}"
        sent = server.client.patch(address, content=words[:700_000], headers={"Upload-Offset": "0"}).json()
        assert sent["offset"] == 700_000
        server.kill()
    with serving(on_sqlite, 0) as server:
        offset = server.client.get(address).json()["offset"]
        wrong = server.client.patch(address, content=b"x", headers={"Upload-Offset": "5"})
        assert (wrong.status_code, wrong.json()["error"]["where"]) == (409, "Upload-Offset")
        assert server.client.get(f"/plants/p1/uploads/{begun['id']}").status_code == 404, "half a file is none"
        done = server.client.patch(address, content=words[offset:], headers={"Upload-Offset": str(offset)}).json()
        assert done["upload"]["sha256"] == hashlib.sha256(words).hexdigest()
        assert server.client.get(address).json() == done, "whoever missed the answer can ask for it"


@pytest.mark.slow
def test_killed_in_the_middle_of_a_run(served):
    with serving(served) as server:
        made = served.submit("t/held", n=5)
        served.wait(made.id, lambda job: job.share > 0.1)
        server.kill()
    job = f"/plants/p1/jobs/{made.id}"
    with serving(served, 0) as server:
        told = server.client.get(job).json()
        assert told["state"] == "running", "nobody works at it, but it is surely not done"
        for what in ("answer", "files", "files/begun.txt"):
            assert server.client.get(f"{job}/{what}").status_code == 409
        server.kill()
    let_go(served.home / "plants" / "p1" / "plant", 5)
    with serving(served) as server:
        done = served.ended(made.id)
        assert (done.state, done.attempts) == (State.DONE, 2)
        assert server.client.get(f"{job}/answer").json() == {"n": 5, "language": "zh"}
        found = server.client.get(f"{job}/files").json()["files"]
        assert [one["name"] for one in found] == ["begun.txt", "deep/page.html", "结果.csv"]
    assert ran(served.home / "plants" / "p1" / "plant") == ["5", "5"]


def test_killed_after_a_form_was_saved(on_sqlite):
    with serving(on_sqlite, 0) as server:
        server.client.put("/plants/p1/drafts/heat", json={"炉号": "H7"}).raise_for_status()
        server.kill()
    assert drafts.load(on_sqlite.store, 1, "p1", "heat").content == {"炉号": "H7"}


def test_killed_in_the_middle_of_a_change_it_is_not_made_twice(on_sqlite):
    headers = {"Idempotency-Key": "k1"}
    with serving(on_sqlite, 0) as server:
        done = server.client.post("/plants/p1/changes", params={"word": "a"}, headers={"Idempotency-Key": "k0"})

        def changed() -> bool:
            return (on_sqlite.home / "changed.txt").read_text() == "a\nb\n"

        with pytest.raises(httpx.TransportError):
            _post_and(server, {"word": "b", "seconds": 600}, headers, lambda: (until(changed), server.kill()))
    with serving(on_sqlite, 0) as server:
        again = server.client.post("/plants/p1/changes", params={"word": "b"}, headers=headers)
        assert again.status_code == 409
        assert again.json()["error"]["where"] == "link 5"
        assert "not known" in again.json()["error"]["what"]["en"]
        same = server.client.post("/plants/p1/changes", params={"word": "a"}, headers={"Idempotency-Key": "k0"})
        assert (same.json(), same.headers["Idempotency-Replayed"]) == (done.json(), "true")
        other = server.client.post("/plants/p1/changes", params={"word": "c"}, headers={"Idempotency-Key": "k0"})
        assert other.status_code == 409
    assert (on_sqlite.home / "changed.txt").read_text() == "a\nb\n"


def _post_and(server: Server, params, headers, meanwhile: Callable[[], object]) -> None:
    from threading import Thread

    thread = Thread(target=meanwhile)
    thread.start()
    try:
        server.client.post("/plants/p1/changes", params=params, headers=headers)
    finally:
        thread.join()


@pytest.mark.slow
def test_told_to_end_it_puts_its_job_back_and_leaves_no_process(on_sqlite):
    with serving(on_sqlite) as server:
        made = on_sqlite.submit("t/deaf", seconds=3600)
        on_sqlite.wait(made.id, lambda job: job.state is State.RUNNING)
        group = os.getpgid(server.process.pid)
        server.process.terminate()
        server.process.wait(120)
        until(lambda: not [one for one in psutil.process_iter() if _group(one.pid) == group])
    now = on_sqlite.job(made.id)
    assert (now.state, now.attempts) == (State.QUEUED, 0)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A server with a run that is done, for questions that change nothing."""
    from forgecast.store.database import sqlite_url
    from forgecast.store.server.database import ServerStore
    from tests.app.jobs.conftest import Served, fill

    home = tmp_path_factory.mktemp("shown")
    with ServerStore(sqlite_url(home / "server.sqlite")) as store:
        fill(store, home)
        served = Served(home, sqlite_url(home / "server.sqlite"), store)
        with serving(served) as server:
            made = served.ended(served.submit("t/files", n=5).id)
            yield served, server.client, f"/plants/p1/jobs/{made.id}"


def test_a_file_is_given_out_in_parts_and_not_twice(shown):
    _, client, job = shown
    address = f"{job}/files/结果.csv"
    whole = client.get(address)
    assert whole.content == b"a,b\n" * 1000
    assert client.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    part = client.get(address, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"a,b\n")
    assert part.headers["Content-Range"] == "bytes 4-7/4000"
    assert client.get(address, headers={"Range": "bytes=9999-"}).status_code == 416
    page = client.get(f"{job}/files/deep/page.html")
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert page.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    "name", ["../answer.json", "%2e%2e/answer.json", "deep", "", "/etc/passwd", "x%00", "a" * 5000]
)
def test_nothing_but_the_files_of_the_run_is_given_out(shown, name):
    _, client, job = shown
    assert client.get(f"{job}/files/{name}").status_code == 404


def test_a_job_is_there_for_its_plant_and_rights_only(shown):
    served, client, job = shown
    assert client.get(job, headers={"X-Rights": "record"}).status_code == 404
    assert client.get(job.replace("p1", "p2")).status_code == 404
    assert client.get("/plants/p1/jobs", headers={"X-Rights": "record"}).json() == {"jobs": [], "next": None}
    assert client.post(f"{job}/stop", headers={"X-Account": "2"}).status_code == 403
    stopped = client.post(f"{job}/stop", headers={"X-Account": "2", "X-Rights": "see manage"})
    assert (stopped.status_code, stopped.json()["state"]) == (202, "done")
    assert client.post("/plants/p1/uploads?file_name=a", headers={"X-Rights": "see"}).status_code == 403
    assert served.job(job.rpartition("/")[2]).stop_asked_by is None


def test_a_job_is_followed(shown):
    served, client, _ = shown
    plant = served.home / "plants" / "p1" / "plant"
    # The one worker is kept busy until the job behind is followed, and that one goes on only once its half was told.
    busy = served.submit("t/held", n=1)
    served.wait(busy.id, lambda job: job.share > 0)
    made = served.submit("t/held", n=2)
    told = []
    with client.stream("GET", f"/plants/p1/jobs/{made.id}/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                told.append(json.loads(line.removeprefix("data: ")))
                let_go(plant, 1 if told[-1]["share"] == 0 else 2)
    assert [told[0]["state"], told[-1]["state"]] == ["queued", "done"]
    shares = [one["share"] for one in told]
    assert shares == sorted(shares)
    assert len(set(shares)) > 2


def test_uploads_over_the_network(shown):
    _, client, _ = shown
    sent = client.post("/plants/p1/uploads", params={"file_name": "../网.html"}, content=b"<script>x</script>")
    made = sent.json()
    assert (sent.status_code, made["file_name"], made["size"]) == (201, "网.html", 18)
    got = client.get(f"/plants/p1/uploads/{made['id']}/content")
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["ETag"] == f'"{made["sha256"]}"'
    assert client.get(f"/plants/p2/uploads/{made['id']}").status_code == 404
    wrong = client.post("/plants/p1/uploads", params={"file_name": "a", "sha256": "0" * 64}, content=b"x")
    assert wrong.status_code == 422
    large = client.post("/plants/p1/uploads", params={"file_name": "a"}, content=b"", headers={"Content-Length": "0"})
    assert large.status_code == 201, "an empty file is a file"
    assert client.delete(f"/plants/p1/uploads/{made['id']}", headers={"X-Account": "2"}).status_code == 403
    assert client.delete(f"/plants/p1/uploads/{made['id']}").status_code == 204
    assert client.get(f"/plants/p1/uploads/{made['id']}").status_code == 404


@pytest.mark.slow
def test_memory_stays_flat_while_a_gigabyte_comes_in_and_too_much_is_refused(on_sqlite):
    piece = os.urandom(1024**2)
    most = [0]
    with serving(on_sqlite, 0) as server:
        watched = psutil.Process(server.process.pid)
        client = server.client
        client.post("/plants/p1/uploads", params={"file_name": "warm"}, content=piece * 8).raise_for_status()
        before = watched.memory_info().rss

        def gigabyte() -> Iterator[bytes]:
            for _ in range(1024):
                most[0] = max(most[0], watched.memory_info().rss)
                yield piece

        made = client.post("/plants/p1/uploads", params={"file_name": "x"}, content=gigabyte(), timeout=900).json()
        hashed = hashlib.sha256()
        for _ in range(1024):
            hashed.update(piece)
        assert (made["size"], made["sha256"]) == (1024**3, hashed.hexdigest())
        # A tenth of the file would already show that it is gathered; pieces and their copies are a few MB.
        assert most[0] - before < 50 * 1024**2
        # Announced only: a client of its own would not let us send less than we announce.
        asked = client.build_request("POST", "/plants/p1/uploads", params={"file_name": "y"}, content=b"x")
        line = http.client.HTTPConnection(asked.url.host, asked.url.port, timeout=300)
        line.putrequest("POST", asked.url.raw_path.decode(), skip_host=True, skip_accept_encoding=True)
        for name, value in {**asked.headers, "content-length": "1500000001"}.items():
            line.putheader(name, value)
        line.endheaders()
        assert line.getresponse().status == 413
        line.close()
