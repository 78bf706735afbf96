"""Accounts, roles, sessions, tokens, deeds and waits on SQLite and PostgreSQL: one body for both."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from forgecast.store.database import sqlite_url
from forgecast.store.server import accounts, deeds, grants, passwords, plants, sessions, sign_in, tokens
from forgecast.store.server.database import ServerStore
from forgecast.store.server.deeds import Doer
from forgecast.store.server.grants import SERVER_WIDE, Place
from forgecast.store.server.refused import AboveRightsError, AccountError, TakenError, UnknownError
from forgecast.store.server.rights import Right, Role, rights_of_roles
from forgecast.store.server.tables import SESSION, SIGN_IN_FAILURE, TOKEN
from tests.stores.server_people import NOW, PLANTS, settle


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request, tmp_path):
    url = (
        sqlite_url(tmp_path / "server.sqlite")
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_schema")
    )
    with ServerStore(url) as opened:
        yield opened


@pytest.fixture
def people(store):
    with store.writing() as connection:
        return settle(connection, {plant: f"plants/{plant}" for plant in PLANTS})


def test_a_role_reaches_exactly_the_plants_it_is_given_for(store, people):
    with store.reading() as connection:
        for where, seen in {
            "a1": {"a1"}, "a2": {"a2"}, "b1": {"b1"}, "north": {"a1", "a2"}, "south": {"b1"}, "server": set(PLANTS),
        }.items():  # fmt: skip
            for role in Role:
                account = people.ids[f"{where}-{role.value}"]
                assert grants.plants_seen(connection, account) == seen
                for plant in PLANTS:
                    expected = rights_of_roles()[role] if plant in seen else frozenset()
                    assert grants.rights(connection, account, plant) == expected
        assert grants.plants_seen(connection, people.ids["nobody"]) == frozenset()


def test_rights_of_several_roles_add_up_and_a_disabled_or_closed_thing_gives_none(store, people):
    account = people.ids["a1-auditor"]
    with store.writing() as connection:
        grants.give(connection, account, Role.OPERATOR, Place("north"), by="t", now_us=NOW, mine=None)
        assert grants.rights(connection, account, "a1") == {Right.SEE, Right.AUDIT, Right.RECORD}
        assert grants.rights(connection, account, "a2") == {Right.SEE, Right.RECORD}
        plants.close_plant(connection, "a2", NOW)
        assert grants.plants_seen(connection, account) == {"a1"}
        accounts.disable(connection, account, NOW)
        assert grants.plants_seen(connection, account) == frozenset()


def test_an_administrator_gives_only_at_his_own_place(store, people):
    with store.writing() as connection:
        north = grants.reach(connection, people.ids["north-admin"])
        somebody = people.ids["nobody"]
        for place in (SERVER_WIDE, Place("south"), Place(plant_id="b1")):
            with pytest.raises(AboveRightsError):
                grants.give(connection, somebody, Role.VIEWER, place, by="t", now_us=NOW, mine=north)
        for place in (Place("north"), Place(plant_id="a2")):
            grants.give(connection, somebody, Role.ADMIN, place, by="t", now_us=NOW, mine=north)
        manager = grants.reach(connection, people.ids["north-manager"])
        with pytest.raises(AboveRightsError):
            grants.give(connection, somebody, Role.VIEWER, Place("north"), by="t", now_us=NOW, mine=manager)


def test_nobody_gives_more_than_he_holds(store, people):
    with store.writing() as connection:
        whole = grants.reach(connection, people.ids["north-admin"])
        narrow = whole.narrowed(frozenset({Right.SEE, Right.ADMINISTER}), None)
        grants.give(connection, people.ids["nobody"], Role.VIEWER, Place("north"), by="t", now_us=NOW, mine=narrow)
        with pytest.raises(AboveRightsError):
            grants.give(connection, people.ids["nobody"], Role.ADMIN, Place("north"), by="t", now_us=NOW, mine=narrow)


def test_the_last_administrator_stays(store, people):
    admin = people.ids["server-admin"]
    with store.writing() as connection:
        (grant,) = grants.grants_of(connection, admin)
        with pytest.raises(AboveRightsError):
            grants.take(connection, grant.id, mine=None)
        grants.give(connection, people.ids["nobody"], Role.ADMIN, SERVER_WIDE, by="t", now_us=NOW, mine=None)
        assert grants.take(connection, grant.id, mine=None).account == "server-admin"
        assert grants.grants_of(connection, admin) == []


def test_names_are_the_same_however_they_are_typed_and_one_persons_only(store):
    with store.writing() as connection:
        made = accounts.create(connection, name="Wang.Wei", password_hash=None, now_us=NOW)
        assert accounts.account_named(connection, " wang.wei ").id == made
        assert accounts.account_named(connection, "ＷＡＮＧ.wei").id == made
        with pytest.raises(TakenError):
            accounts.create(connection, name="WANG.WEI", password_hash=None, now_us=NOW)
        for wrong in ("", "a b", "x" * 65, "a\nb", "<b>"):
            with pytest.raises(AccountError):
                accounts.create(connection, name=wrong, password_hash=None, now_us=NOW)
        assert accounts.account_named(connection, "wang.wei").shown_name == "wang.wei"
        accounts.create(connection, name="王伟", password_hash=None, now_us=NOW)


def test_a_session_is_found_by_its_secret_only_and_the_secret_is_not_kept(store, people):
    account = people.ids["a1-viewer"]
    with store.writing() as connection:
        secret, made = sessions.open_session(connection, account, address="10.0.0.1", agent="B", now_us=NOW)
        kept = connection.execute(sa.select(SESSION)).one()
    assert secret not in [str(value) for value in kept]
    assert len(secret) >= 43
    with store.reading() as connection:
        assert sessions.session_of(connection, secret, now_us=NOW) == made
        assert sessions.session_of(connection, kept.secret_hash, now_us=NOW) is None
        assert sessions.session_of(connection, made.handle, now_us=NOW) is None


def test_a_session_ends_when_idle_and_at_last(store, people):
    with store.writing() as connection:
        secret, made = sessions.open_session(connection, people.ids["a1-viewer"], address="", agent="", now_us=NOW)

        def is_open(at):
            return sessions.session_of(connection, secret, now_us=at) is not None

        assert is_open(NOW + 12 * HOUR_US - 1)
        assert not is_open(NOW + 12 * HOUR_US)
        at = NOW
        while at < NOW + 7 * DAY_US - 11 * HOUR_US:
            at += 11 * HOUR_US
            assert is_open(at)
            sessions.write_seen(connection, secret, at)
        assert is_open(NOW + 7 * DAY_US - 1)
        assert not is_open(NOW + 7 * DAY_US)
        assert not sessions.is_seen_due(made, NOW + MINUTE_US - 1)
        assert sessions.is_seen_due(made, NOW + MINUTE_US)


def test_seen_is_written_once_a_minute(store, people):
    with store.writing() as connection:
        secret, _ = sessions.open_session(connection, people.ids["a1-viewer"], address="", agent="", now_us=NOW)
        for at in (NOW + 59 * SECOND_US, NOW + 60 * SECOND_US, NOW + 70 * SECOND_US):
            sessions.write_seen(connection, secret, at)
        found = sessions.session_of(connection, secret, now_us=NOW + 80 * SECOND_US)
        assert found is not None
        assert found.seen_us == NOW + 60 * SECOND_US


@pytest.mark.parametrize("how", ["password", "disabled", "closed", "handle"])
def test_a_session_is_over_after(store, people, how):
    account, other = people.ids["a1-viewer"], people.ids["a2-viewer"]
    with store.writing() as connection:
        secret, made = sessions.open_session(connection, account, address="", agent="", now_us=NOW)
        kept, _ = sessions.open_session(connection, other, address="", agent="", now_us=NOW)
        if how == "password":
            accounts.change_password(connection, account, "hash")
        elif how == "disabled":
            accounts.disable(connection, account, NOW)
        elif how == "closed":
            sessions.close_session(connection, secret)
        else:
            with pytest.raises(UnknownError):
                sessions.close_handle(connection, other, made.handle)
            sessions.close_handle(connection, account, made.handle)
        assert sessions.session_of(connection, secret, now_us=NOW) is None
        assert sessions.session_of(connection, kept, now_us=NOW) is not None


def test_a_token_is_kept_as_its_hash_ends_and_is_revoked(store, people):
    account, other = people.ids["north-manager"], people.ids["south-manager"]
    with store.writing() as connection:
        secret, made = tokens.make_token(
            connection, account, name="board", rights=[Right.SEE], plant_id="a1", until_us=NOW + DAY_US, now_us=NOW
        )
        assert secret.startswith("fgc_")
        assert secret not in [str(value) for value in connection.execute(sa.select(TOKEN)).one()]
        assert secret.startswith(made.begins_with)
        assert tokens.token_of(connection, secret, now_us=NOW + DAY_US - 1) == made
        assert tokens.token_of(connection, secret, now_us=NOW + DAY_US) is None
        assert tokens.token_of(connection, secret + "x", now_us=NOW) is None
        with pytest.raises(UnknownError):
            tokens.revoke(connection, other, made.id, NOW)
        tokens.revoke(connection, account, made.id, NOW)
        assert tokens.token_of(connection, secret, now_us=NOW) is None
        assert tokens.tokens(connection, account) == []
        secret, _ = tokens.make_token(connection, account, name="x", rights=[Right.SEE], now_us=NOW)
        accounts.disable(connection, account, NOW)
        assert tokens.token_of(connection, secret, now_us=NOW) is None


def test_a_token_narrows_what_its_account_may(store, people):
    with store.reading() as connection:
        whole = grants.reach(connection, people.ids["north-manager"])
    one = whole.narrowed(frozenset({Right.SEE, Right.AUDIT}), "a1")
    assert dict(one.plants) == {"a1": {Right.SEE}}
    assert one.at(Place("north")) == frozenset()
    all_ = whole.narrowed(frozenset({Right.RECORD}), None)
    assert dict(all_.plants) == {"a1": {Right.RECORD}, "a2": {Right.RECORD}}
    assert whole.narrowed(frozenset({Right.AUDIT}), None).plants == {}
    assert whole.narrowed(frozenset(Right), "b1").plants == {}


@pytest.mark.usefixtures("people")
def test_deeds_are_told_by_enterprise_and_plant_page_by_page(store):
    with store.writing() as connection:
        for number in range(7):
            deeds.write_deed(
                connection, Doer("wang"), "x", str(number), at_us=NOW + number, enterprise_id="north", plant_id="a1"
            )
        deeds.write_deed(connection, Doer("li"), "x", "other", at_us=NOW, enterprise_id="south", plant_id="b1")
        first = deeds.deeds_of_enterprise(connection, "north", limit=4)
        then = deeds.deeds_of_enterprise(connection, "north", limit=4, before=first[-1].id)
        assert [deed.subject for deed in [*first, *then]] == ["6", "5", "4", "3", "2", "1", "0"]
        assert [deed.subject for deed in deeds.deeds_of_plant(connection, "b1")] == ["other"]
        assert deeds.deeds_of_plant(connection, "a2") == []
        assert len(deeds.deeds_of_server(connection)) == 8


def _fail(connection, name, address, now, times, at_home=False):
    """Fail as fast as is let, and return when the last failure was."""
    for _ in range(times):
        attempt = sign_in.begin_attempt(connection, name, address, now_us=now, at_home=at_home)
        while attempt.wait_us > 0:
            now += attempt.wait_us
            attempt = sign_in.begin_attempt(connection, name, address, now_us=now, at_home=at_home)
    return now


def _wait(connection, name, address, now, at_home=False):
    attempt = sign_in.begin_attempt(connection, name, address, now_us=now, at_home=at_home)
    connection.execute(sa.delete(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.id.in_(attempt.marks)))
    return attempt.wait_us


def test_waits_grow_end_by_themselves_and_are_not_made_longer_by_trying(store):
    with store.writing() as connection:
        assert _wait(connection, "wang", "1.1.1.1", NOW) == 0
        _fail(connection, "wang", "1.1.1.1", NOW, 5)
        assert _wait(connection, "wang", "1.1.1.1", NOW) == 0
        now = _fail(connection, "wang", "1.1.1.1", NOW, 1)
        assert _wait(connection, "wang", "1.1.1.1", now) == SECOND_US
        now = _fail(connection, "WANG ", "1.1.1.1", now, 3)
        waits = _wait(connection, "wang", "1.1.1.1", now)
        assert waits == 8 * SECOND_US
        for _ in range(20):
            sign_in.begin_attempt(connection, "wang", "1.1.1.1", now_us=now)
        assert _wait(connection, "wang", "1.1.1.1", now) == waits
        assert _wait(connection, "wang", "1.1.1.1", now + waits) == 0
        assert _wait(connection, "wang", "2.2.2.2", now) == 0  # the person himself, elsewhere
        assert _wait(connection, "li", "1.1.1.1", now) == 0


def test_many_names_from_one_address_wait(store):
    with store.writing() as connection:
        for number in range(61):
            sign_in.begin_attempt(connection, f"name{number}", "6.6.6.6", now_us=NOW)
        assert _wait(connection, "another", "6.6.6.6", NOW) > 0
        assert _wait(connection, "another", "7.7.7.7", NOW) == 0


def test_others_elsewhere_keep_nobody_out(store):
    with store.writing() as connection:
        now = NOW
        for number in range(80):
            now = max(now, _fail(connection, "wang", f"6.6.{number}.6", now, 1))
        # A stranger waits, half a minute at most; where the account is signed in already, it does not wait at all.
        assert 0 < _wait(connection, "wang", "9.9.9.9", now) <= 30 * SECOND_US
        assert _wait(connection, "wang", "10.0.0.1", now, at_home=True) == 0


def test_a_success_forgets_ones_own_failures(store):
    with store.writing() as connection:
        now = _fail(connection, "wang", "1.1.1.1", NOW, 8)
        now += _wait(connection, "wang", "1.1.1.1", now)
        attempt = sign_in.begin_attempt(connection, "wang", "1.1.1.1", now_us=now)
        sign_in.succeeded(connection, attempt, "wang", "1.1.1.1")
        _fail(connection, "wang", "1.1.1.1", now, 5)
        assert _wait(connection, "wang", "1.1.1.1", now) == 0


def test_many_attempts_at_once_do_not_slip_by(store):
    let = []

    def attempt():
        with store.writing() as connection:
            found = sign_in.begin_attempt(connection, "wang", "1.1.1.1", now_us=NOW)
        let.append(found.wait_us == 0)

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(let) == 6  # five are free, and the sixth is the one after which to wait


def test_what_is_typed_into_the_name_is_not_kept(store):
    with store.writing() as connection:
        sign_in.begin_attempt(connection, "my secret sentence", "1.1.1.1", now_us=NOW)
        kept = [str(value) for row in connection.execute(sa.select(SIGN_IN_FAILURE)) for value in row]
    assert not [value for value in kept if "secret" in value or "1.1.1.1" in value]


@pytest.mark.usefixtures("people")
def test_plants_and_enterprises_have_ids_that_can_be_addresses(store):
    with store.writing() as connection:
        for wrong in ("", "api", "Sign-In", "a/b", "../x", "a..b", "_nicegui", "x" * 65):
            with pytest.raises(AccountError):
                plants.add_plant(connection, wrong, enterprise_id="north", name="n", folder="f", now_us=NOW)
        with pytest.raises(TakenError):
            plants.add_plant(connection, "a9", enterprise_id="north", name="n", folder="plants/a1", now_us=NOW)
        with pytest.raises(UnknownError):
            plants.add_plant(connection, "a9", enterprise_id="west", name="n", folder="f", now_us=NOW)


def test_claims_give_and_take_only_what_they_gave(store, people):
    account = people.ids["a1-viewer"]
    with store.writing() as connection:
        for wanted in ({(Role.ENGINEER, Place("north"))}, {(Role.AUDITOR, Place(plant_id="a2"))}, set()):
            grants.replace_given_by(connection, account, frozenset(wanted), by="oidc", now_us=NOW)
            held = {(one.role, one.place) for one in grants.grants_of(connection, account)}
            assert held == wanted | {(Role.VIEWER, Place(plant_id="a1"))}


def test_a_password_is_kept_as_argon2id_and_fits_itself_only():
    kept = passwords.hashed("eine lange Zeile")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.fits(kept, "eine lange Zeile")
    assert not passwords.fits(kept, "eine lange zeile")
    assert not passwords.fits(None, "the password of nobody")
    assert not passwords.is_outdated(kept)
    assert passwords.is_outdated(kept.replace("t=3", "t=2"))
