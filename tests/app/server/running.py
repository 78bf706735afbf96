"""A server as `forgecast serve` runs it: its processes, its clients, and nginx before it."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from forgecast.app.server.home import home_of, register_plant
from forgecast.app.server.house import House
from forgecast.app.server.identity import COOKIE
from forgecast.store.server import accounts, grants, sessions, tokens
from forgecast.store.server.grants import SERVER_WIDE
from forgecast.store.server.rights import Right, Role
from tests.app.server.serving import FREE
from tests.ports import free_port
from tests.processes import command_of, kill_family

ROOT = Path(__file__).resolve().parents[3]
FORGECAST = (sys.executable, "-c", "from forgecast.app.cli.main import main; main()")
NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
#: A machine that tests something else at the same time starts a server slowly.
STARTS_WITHIN_S = 240.0


class Running:
    """A server that runs, of one plant and one administrator."""

    def __init__(self, process: subprocess.Popen[str], told: dict, home: Path, plant: str, log: Path) -> None:
        self.process, self.told, self.home, self.plant, self.log = process, told, home, plant, log

    @property
    def ports(self) -> list[int]:
        return [int(address.rpartition(":")[2]) for address in self.told["addresses"]]

    def client(self, at: int = 0, **given) -> httpx.Client:
        return httpx.Client(base_url=self.told["addresses"][at], timeout=300, trust_env=False, **given)

    def session(self) -> str:
        """Return the cookie of a new session."""
        with House(self.home) as house, house.store.writing() as connection:
            account = accounts.account_named(connection, "admin").id
            return sessions.open_session(connection, account, address="", agent="t", now_us=time.time_ns() // 1_000)[0]

    def token(self) -> dict[str, str]:
        """Return the header of a new token."""
        with House(self.home) as house, house.store.writing() as connection:
            account = accounts.account_named(connection, "admin").id
            secret, _ = tokens.make_token(
                connection, account, name=f"t{time.time_ns()}", rights=[Right.SEE, Right.RECORD, Right.ENGINEER],
                plant_id=None, now_us=time.time_ns() // 1_000,
            )  # fmt: skip
        return {"Authorization": f"Bearer {secret}"}

    def family(self) -> list[int]:
        """Return its web processes and workers."""
        return [one.pid for one in psutil.Process(self.process.pid).children() if "spawn_main" in command_of(one)]

    def pid_at(self, port: int) -> int | None:
        """Return the process that listens at a port."""
        for one in psutil.Process(self.process.pid).children(recursive=True):
            try:
                found = one.net_connections(kind="tcp")
            except psutil.Error:
                continue
            if any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in found):
                return int(one.pid)
        return None

    def end(self, number: int = signal.SIGTERM) -> int:
        """Tell it to end, and return its exit code; none of its processes may be left."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(number)
        code = self.process.wait(300)
        _gone, left = psutil.wait_procs(family, timeout=120)
        assert left == [], left
        return code


@contextmanager
def running(plant: Path, *words: str, settings: str = FREE) -> Iterator[Running]:
    """Serve a plant folder, which the server changes, with an administrator called admin."""
    home = home_of(plant).path
    home.mkdir(exist_ok=True)
    (home / "server.toml").write_text(settings, encoding="utf-8")
    with House(home) as house:
        register_plant(house, plant)
        with house.store.writing() as connection:
            now = time.time_ns() // 1_000
            admin = accounts.create(connection, name="admin", password_hash=None, now_us=now)
            grants.give(connection, admin, Role.ADMIN, SERVER_WIDE, by="test", now_us=now, mine=None)
        with house.store.reading() as connection:
            from forgecast.store.server.plants import plants

            name = plants(connection)[0].id
    log = home / "server.log"
    command = [*FORGECAST, "serve", str(plant), "--port", "0", "--json", *words]
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "FORGECAST_LANG": "en"},
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text(encoding="utf-8")[-3000:]
        yield Running(process, json.loads(line), home, name, log)
    finally:
        if process.poll() is None:
            kill_family(process.pid)
        process.wait(120)
        process.stdout.close()


def certificate(folder: Path) -> None:
    """Write a certificate of localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=24))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def nginx_settings(folder: Path, ports: list[int], port: int) -> Path:
    """Write the settings of `deploy/nginx.conf` with other ports and places, and return their file."""
    content = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    servers = "".join(f"        server 127.0.0.1:{one} max_fails=1 fail_timeout=1s;\n" for one in ports)
    content, count = re.subn(r"(        server 127\.0\.0\.1:\d+ max_fails=1 fail_timeout=1s;\n)+", servers, content)
    assert count == 2
    for old, new in {
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/etc/ssl/forgecast/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "        listen [::]:80;\n": "",
        "        listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "worker_processes auto;": "worker_processes 1;\nuser root;" if os.geteuid() == 0 else "worker_processes 1;",
        "worker_connections 4096;": "worker_connections 512;",
        # A request that waits for a process that is starting is no failure of the proxy, however long that takes.
        "proxy_read_timeout 120s;": "proxy_read_timeout 900s;",
    }.items():
        assert old in content, old
        content = content.replace(old, new)
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        content = content.replace("server_tokens off;", f"server_tokens off;\n    {kind}_temp_path {folder}/{kind};")
    certificate(folder)
    path = folder / "nginx.conf"
    path.write_text(content, encoding="utf-8")
    return path


@contextmanager
def nginx(folder: Path, ports: list[int]) -> Iterator[str]:
    """Run nginx before web processes, and give its address."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    settings = nginx_settings(folder, ports, port)
    with subprocess.Popen([NGINX, "-c", str(settings), "-e", f"{folder}/first.log", "-g", "daemon off;"]) as process:
        try:
            until(lambda: _listens(port))
            yield f"https://localhost:{port}"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def until(what: Callable[[], bool], within_s: float = STARTS_WITHIN_S) -> None:
    end = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def cookies(secret: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={secret}"}
