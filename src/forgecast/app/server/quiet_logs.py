"""Keeps secrets out of the logs: what stands in an address or a header is struck out before it is written."""

from __future__ import annotations

import logging
import re

#: Names in an address behind which a secret stands.
_NAMED = re.compile(r"(?i)\b(key|code|state|nonce|token|id_token|access_token|session_state)=[^&\s\"']+")
_TOKEN = re.compile(r"\bfgc_[A-Za-z0-9_-]{8,}")
_PLAIN = logging.Formatter()
_COOKIE = re.compile(r"(?i)\b(forgecast_(?:session|oidc))=[^;\s\"']+")


def without_secrets(line: str) -> str:
    """Return a line of a log with every secret that might stand in it struck out."""
    return _TOKEN.sub("fgc_…", _COOKIE.sub(r"\1=…", _NAMED.sub(r"\1=…", line)))


class SecretsOut(logging.Filter):
    """Strikes secrets out of whatever passes a handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its secrets struck out."""
        said = record.getMessage()
        struck = without_secrets(said)
        if struck != said:
            record.msg, record.args = struck, None
        if record.exc_info:
            # What an error says may quote what was sent; written out here, it is not written out again.
            record.exc_text = without_secrets(_PLAIN.formatException(record.exc_info))
        return True


def keep_secrets_out(*handlers: logging.Handler) -> None:
    """Put the filter before handlers; a filter at a logger would miss what comes from the loggers below it."""
    for handler in handlers:
        handler.addFilter(SecretsOut())
