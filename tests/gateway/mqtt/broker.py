"""A real mosquitto on the loopback for one test: started, stopped and started again with what it had kept."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest

from tests.ports import free_port

PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


class Mosquitto:
    """A broker that keeps sessions and messages in a folder; use it in a `with` block."""

    def __init__(self, folder: Path) -> None:
        if PROGRAM is None:
            pytest.skip("mosquitto is not installed")
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings = self.folder / "mosquitto.conf"
        settings.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {self.folder}/\nuser root\nlog_type none\nmax_queued_messages 100000\n"
            "autosave_on_changes false\nset_tcp_nodelay true\n",
            encoding="utf-8",
        )
        self._process = subprocess.Popen([str(PROGRAM), "-c", str(settings)])
        end = time.monotonic() + 120.0
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            except OSError:
                assert time.monotonic() < end, "mosquitto did not start"
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(120.0)
            self._process = None

    def kill(self) -> None:
        """Stop it as a power cut would: what it has not written is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(120.0)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
