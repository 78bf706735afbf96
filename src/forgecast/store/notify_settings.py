"""Whom alarms are told to: the tables `[[notify]]` of `plant.toml`, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import Language, Text, text

PRIORITIES: Final = ("low", "medium", "high", "critical")
_KEYS: Final = {
    "email": ("kind", "priority", "language", "to", "from", "host", "port", "starttls", "user", "password_env"),
    "webhook": ("kind", "priority", "language", "url", "token_env"),
}


@dataclass(frozen=True, slots=True)
class NotifyRoute:
    """One way to tell somebody of an alarm.

    Parameters
    ----------
    kind : str
        ``email`` or ``webhook``.
    priority : str
        Lowest priority that is told this way.
    language : Language
    to : tuple of str
        Addresses of an e-mail.
    sender : str
        Address it comes from.
    host : str
    port : int
    starttls : bool
        Whether the connection is encrypted before anything is said.
    user : str
        Empty where the server asks for none.
    secret_env : str
        Environment variable that holds the password or the token; secrets never stand in `plant.toml`.
    url : str
        Where a webhook is posted to.
    """

    kind: str
    priority: str
    language: Language
    to: tuple[str, ...] = ()
    sender: str = ""
    host: str = ""
    port: int = 587
    starttls: bool = True
    user: str = ""
    secret_env: str = ""
    url: str = ""

    @property
    def name(self) -> str:
        """Return what it is called in the journal."""
        return self.url if self.kind == "webhook" else ", ".join(self.to)


def read_routes(listed: object, error: Callable[[Text, Text], PlantError]) -> tuple[NotifyRoute, ...]:
    """Return the routes in the tables ``[[notify]]``.

    Parameters
    ----------
    listed : object
        What the TOML holds there; None where nothing.
    error : callable
        Makes the error that names the file, from what is wrong and the repair.

    Raises
    ------
    PlantError
    """
    if listed is None:
        return ()
    if not isinstance(listed, list) or not all(isinstance(entry, Mapping) for entry in listed):
        raise error(text("`notify` is no list of tables"), text("write [[notify]] on a line of its own for each way"))
    return tuple(_route(entry, error) for entry in listed)


def _route(entry: Mapping[str, object], error: Callable[[Text, Text], PlantError]) -> NotifyRoute:
    kind = entry.get("kind")
    if kind not in _KEYS:
        raise error(
            text("an entry of notify is of kind {kind}", kind=str(kind)),
            text('write kind = "email" or kind = "webhook"'),
        )
    keys = _KEYS[str(kind)]
    for key in entry:
        if key not in keys:
            raise error(
                text("the key {name} is not known", name=f"notify.{key}"),
                text("use one of: {names}", names=", ".join(keys)),
            )
    priority = str(entry.get("priority", "high"))
    if priority not in PRIORITIES:
        raise error(
            text("the priority of notify is {priority}", priority=priority),
            text("use one of: {names}", names=", ".join(PRIORITIES)),
        )
    language: Language = "en" if entry.get("language", "zh") == "en" else "zh"
    if kind == "webhook":
        url = str(entry.get("url", ""))
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise error(text("the address of a webhook is `{url}`", url=url), text('write url = "https://…"'))
        return NotifyRoute("webhook", priority, language, url=url, secret_env=str(entry.get("token_env", "")))
    return _mail(entry, priority, language, error)


def _mail(
    entry: Mapping[str, object], priority: str, language: Language, error: Callable[[Text, Text], PlantError]
) -> NotifyRoute:
    to = entry.get("to", [])
    addresses = (to,) if isinstance(to, str) else tuple(to) if isinstance(to, Sequence) else ()
    if not addresses or not all(_is_address(one) for one in (*addresses, entry.get("from"))):
        raise error(
            text("an e-mail of notify has no proper address"),
            text('write to = ["shift@example.com"] and from = "forgecast@example.com"'),
        )
    host, port, starttls = entry.get("host"), entry.get("port", 587), entry.get("starttls", True)
    if not isinstance(host, str) or not host or not isinstance(port, int) or not isinstance(starttls, bool):
        raise error(
            text("an e-mail of notify names no server"),
            text('write host = "mail.example.com", port = 587 and starttls = true'),
        )
    return NotifyRoute(
        "email",
        priority,
        language,
        tuple(str(one) for one in addresses),
        str(entry["from"]),
        host,
        port,
        starttls,
        str(entry.get("user", "")),
        str(entry.get("password_env", "")),
    )


def _is_address(word: object) -> bool:
    if not isinstance(word, str) or any(c.isspace() or c in ",<>" for c in word):
        return False
    name, at, host = word.partition("@")
    return bool(name and at and host)
