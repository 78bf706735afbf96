"""Lines of the log: plain, or one JSON object a line, on the standard error stream and without secrets."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

from forgecast.app.server.quiet_logs import keep_secrets_out, without_secrets

#: How a server logs, for its workers too: ``plain`` or ``json``, and whether each request has a line.
FORM, ACCESS = "FORGECAST_LOG", "FORGECAST_LOG_ACCESS"
#: Logger of one line a request.
ACCESS_LOG = logging.getLogger("forgecast.access")
#: What a line may tell beside its words (see `Measured`).
_TOLD = ("request_id", "method", "route", "status", "ms", "account_id")


class JsonLines(logging.Formatter):
    """Makes a JSON object of a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "says": record.getMessage(),
        }
        said |= {name: record.__dict__[name] for name in _TOLD if name in record.__dict__}
        if record.exc_info:
            said["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """Makes plain lines of a record; what a traceback shows has its secrets struck out too."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: Any) -> str:  # noqa: ANN401  (as the standard library has it)
        """Return a traceback."""
        return without_secrets(super().formatException(ei))


def choose_log(form: str, *, access: bool) -> None:
    """Choose how this process and those it starts log."""
    os.environ[FORM], os.environ[ACCESS] = form, "1" if access else ""


def set_up_log() -> None:
    """Send what goes wrong, and each request where that was chosen, to the standard error stream."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if os.environ.get(FORM) == "json" else PlainLines())
    keep_secrets_out(handler)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    ACCESS_LOG.setLevel(logging.INFO if os.environ.get(ACCESS) else logging.WARNING)
