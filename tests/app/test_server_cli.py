"""The commands `forgecast server`: people, roles and tokens of a home folder, and the server that then starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from forgecast.app.cli.main import cli
from forgecast.app.server.visitors import Visitors
from forgecast.store.database import sqlite_url
from forgecast.store.server import accounts, deeds, passwords
from forgecast.store.server.database import ServerStore
from forgecast.store.server.rights import Right
from forgecast.tasks.new_plant import new_plant
from tests.app.test_cli import called

PASSWORD = "a sentence nobody guesses"  # noqa: S105  (of made-up people)
COMMANDS = (
    ("enterprise", "add"),
    ("plant", "add"),
    ("plant", "list"),
    ("account", "add"),
    ("account", "list"),
    ("account", "password"),
    ("account", "disable"),
    ("grant",),
    ("token", "add"),
    ("token", "list"),
    ("token", "revoke"),
)


@pytest.fixture
def home(tmp_path: Path) -> str:
    """Return the home of a server with a plant; nothing was there before."""
    runner, made = CliRunner(), tmp_path / "deep" / "home"
    new_plant(tmp_path / "forge", name="Forge", id="p1")
    for words in (
        ["enterprise", "add", str(made), "north", "--name", "North Foundries"],
        ["plant", "add", str(made), "north", str(tmp_path / "forge")],
    ):
        assert runner.invoke(cli, ["server", *words]).exit_code == 0, words
    (tmp_path / "password").write_text(f"{PASSWORD}\nanother line\n", encoding="utf-8")
    return str(made)


def _add(capsys, home, *more, name="wang"):
    file = Path(home).parents[1] / "password"
    return called(capsys, "server", "account", "add", home, name, "--password-file", str(file), *more)


def _kept(home, name):
    with ServerStore(sqlite_url(Path(home) / "server.sqlite")) as store, store.reading() as connection:
        found = accounts.password_hash_of(connection, name)
    assert found is not None
    return found[1]


def _account(home, name):
    """Look for an account; it is an error if there is none."""
    with ServerStore(sqlite_url(Path(home) / "server.sqlite")) as store, store.reading() as connection:
        return accounts.account_named(connection, name)


def _actions(home):
    with ServerStore(sqlite_url(Path(home) / "server.sqlite")) as store, store.reading() as connection:
        return [(one.action, one.doer.account) for one in deeds.deeds_of_server(connection, limit=100)]


def test_what_is_added_is_listed(home, capsys):
    assert _add(capsys, home, "--role", "engineer", "--plant", "p1", "--shown-name", "王工")[0] == 0
    code, out, _ = called(capsys, "server", "account", "list", home, "--json")
    assert code == 0
    roles = [{"role": "engineer", "enterprise": None, "plant": "p1"}]
    said = {"name": "wang", "shown_name": "王工", "disabled": False, "roles": roles}
    assert json.loads(out) == {"ok": True, "accounts": [said]}
    code, out, _ = called(capsys, "server", "account", "list", home)
    assert code == 0
    assert "engineer @ p1" in out
    code, out, _ = called(capsys, "server", "plant", "list", home, "--json")
    plant = {"id": "p1", "enterprise": "north", "name": "Forge", "folder": str(Path(home).parents[1] / "forge")}
    assert json.loads(out)["plants"] == [plant]


def test_everything_is_written_down_with_who_did_it(home, capsys):
    _add(capsys, home, "--role", "viewer", "--plant", "p1")
    called(capsys, "server", "grant", home, "wang", "auditor", "--enterprise", "north")
    called(capsys, "server", "token", "add", home, "wang", "reader", "--right", "see")
    done = _actions(home)
    assert [action for action, _ in reversed(done)] == [
        "enterprise.add",
        "plant.add",
        "account.add",
        "grant.give",
        "token.make",
    ]
    assert all(who for _, who in done)


def test_the_password_is_the_first_line_of_the_file(home, capsys):
    _add(capsys, home, "--role", "viewer", "--plant", "p1")
    assert passwords.fits(_kept(home, "wang"), PASSWORD)


def test_the_password_is_asked_for_twice_and_not_shown(home):
    words = ["account", "add", home, "li", "--role", "viewer", "--plant", "p1"]
    told = CliRunner().invoke(cli, ["server", *words], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert told.exit_code == 0
    assert PASSWORD not in told.output
    assert passwords.fits(_kept(home, "li"), PASSWORD)
    words[3] = "zhao"
    told = CliRunner().invoke(cli, ["server", *words], input=f"{PASSWORD}\nanother sentence\n")
    assert told.exit_code != 0
    assert PASSWORD not in told.output
    with pytest.raises(Exception, match="no account"):
        _account(home, "zhao")


def test_no_command_takes_a_password(home, capsys):
    for words in (("account", "add"), ("account", "password")):
        code, out, _ = called(capsys, "server", *words, "--help")
        assert code == 0
        assert "--password-file" in out
    code, _, err = called(capsys, "server", "account", "password", home, "wang", "--password", PASSWORD)
    assert code == 2
    assert "--password" in err


@pytest.mark.parametrize(
    ("content", "words"), [("", "is empty"), (None, "cannot be read"), ("short\n", "the password has 5 characters")]
)
def test_a_password_that_will_not_do_lets_nobody_in(home, capsys, content, words, tmp_path):
    file = tmp_path / "other"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    code, _, err = called(
        capsys, "server", "account", "add", home, "qian", "--role", "viewer", "--plant", "p1", "--password-file", file
    )
    assert code == 2
    assert words in err
    with pytest.raises(Exception, match="no account"):
        _account(home, "qian")


def test_a_new_password_and_the_end_of_coming_in(home, capsys, tmp_path):
    _add(capsys, home, "--role", "viewer", "--plant", "p1")
    other = tmp_path / "other"
    other.write_text("another sentence nobody guesses", encoding="utf-8")
    assert called(capsys, "server", "account", "password", home, "wang", "--password-file", other)[0] == 0
    assert passwords.fits(_kept(home, "wang"), "another sentence nobody guesses")
    assert called(capsys, "server", "account", "disable", home, "wang")[0] == 0
    assert _account(home, "wang").disabled_us is not None
    assert called(capsys, "server", "account", "disable", home, "wang", "--undo")[0] == 0
    assert _account(home, "wang").disabled_us is None


def test_a_role_is_given_once_and_taken_back_once(home, capsys):
    _add(capsys, home, "--role", "viewer", "--plant", "p1")
    words = ("server", "grant", home, "wang", "auditor", "--enterprise", "north")
    assert called(capsys, *words)[0] == 0
    assert called(capsys, *words)[0] == 2
    assert called(capsys, *words, "--take")[0] == 0
    code, _, err = called(capsys, *words, "--take")
    assert code == 2
    assert "wang does not have the role auditor there" in err


def test_it_must_be_said_where_a_role_is_for(home, capsys):
    for places in ((), ("--plant", "p1", "--whole-server")):
        code, _, err = _add(capsys, home, "--role", "viewer", *places)
        assert code == 2
        assert "--whole-server" in err


def test_a_token_lets_in_until_it_is_revoked(home, capsys):
    _add(capsys, home, "--role", "engineer", "--plant", "p1")
    code, out, err = called(capsys, "server", "token", "add", home, "wang", "reader", "--right", "see", "--days", "9")
    secret = out.strip()
    assert code == 0
    assert secret.startswith("fgc_")
    assert secret not in err
    code, out, _ = called(capsys, "server", "token", "list", home, "wang", "--json")
    told = json.loads(out)["tokens"][0]
    assert secret not in out
    assert (told["name"], told["rights"]) == ("reader", ["see"])
    with ServerStore(sqlite_url(Path(home) / "server.sqlite")) as store:
        visitor = Visitors(store).of_token(secret)
        assert visitor is not None
        assert visitor.rights("p1") == frozenset({Right.SEE})
    assert "reader" in called(capsys, "server", "token", "list", home, "wang")[1]
    assert called(capsys, "server", "token", "revoke", home, "wang", str(told["id"]))[0] == 0
    with ServerStore(sqlite_url(Path(home) / "server.sqlite")) as store:
        assert Visitors(store).of_token(secret) is None
    assert called(capsys, "server", "token", "revoke", home, "wang", str(told["id"]))[0] == 2


def test_what_is_not_there_names_the_repair(tmp_path, home, capsys):
    code, _, err = called(capsys, "server", "account", "list", str(tmp_path / "nothing"))
    assert code == 2
    assert "forgecast server enterprise add" in err
    assert not (tmp_path / "nothing").exists()
    assert called(capsys, "server", "account", "disable", home, "nobody")[0] == 2
    assert called(capsys, "server", "plant", "add", home, "south", str(tmp_path / "forge"))[0] == 2


def test_the_one_server_of_a_plant_folder_is_reached_by_the_plant(tmp_path, capsys):
    new_plant(tmp_path / "forge", name="Forge", id="p1")
    folder = str(tmp_path / "forge")
    assert called(capsys, "server", "account", "list", folder, "--json")[0] == 0
    assert (tmp_path / "forge" / "server" / "server.sqlite").is_file()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_has_an_example_of_the_command_itself(words, language, capsys):
    code, out, _ = called(capsys, "server", *words, "--help", "--lang", language)
    assert code == 0
    assert f"forgecast server {' '.join(words)} " in out


@pytest.mark.slow
def test_a_server_starts_in_the_home_that_was_made(home, capsys):
    _add(capsys, home, "--role", "viewer", "--plant", "p1")
    program = [sys.executable, "-c", "from forgecast.app.cli.main import main; main()", "serve", home, "--port", "0"]
    process = subprocess.Popen(
        [*program, "--json", "--workers", "0"],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "NICEGUI_STORAGE_PATH": str(Path(home) / "ui")},
    )
    watch = threading.Timer(240.0, process.kill)
    watch.start()
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        watch.cancel()
        assert said["start"] is None  # there is an account already
        with httpx.Client(base_url=said["address"], timeout=300.0) as client:
            until = time.monotonic() + 300.0
            while client.get("/health/ready").status_code != 200:
                assert time.monotonic() < until
            answer = client.post("/sign-in", data={"name": "wang", "password": PASSWORD})
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert client.get("/").headers["location"] == "/p1/home"
            assert [one["id"] for one in client.get("/api/v1/plants").json()["plants"]] == ["p1"]
    finally:
        watch.cancel()
        process.terminate()
        process.wait(120)
        assert process.stdout is not None
        process.stdout.close()
