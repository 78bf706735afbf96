"""Send one message: by e-mail over SMTP, or as JSON to a web address."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from http.client import HTTPException

from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: An answer that takes longer is taken for none [s].
TIMEOUT_S = 15.0


class NotSentError(ForgecastError):
    """A message could not be handed over; it may be tried again."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes e-mail.

    Parameters
    ----------
    host : str
    port : int
    starttls : bool
        Whether the connection is encrypted first; then the server's certificate must be valid.
    user, password : str
        Empty where it asks for none.
    """

    host: str
    port: int
    starttls: bool = True
    user: str = ""
    password: str = ""


def send_mail(
    server: MailServer,
    sender: str,
    to: Sequence[str],
    subject: str,
    body: str,
    at: int,
    *,
    context: ssl.SSLContext | None = None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Send an e-mail.

    Parameters
    ----------
    server : MailServer
    sender : str
    to : sequence of str
    subject, body : str
    at : int
        Date of the message, microseconds UTC.
    context : SSLContext or None
        None means that of the system.
    timeout_s : float

    Raises
    ------
    NotSentError
        If the server cannot be reached, is not trusted, or refuses the message for any of the addresses.
    """
    where = f"{server.host}:{server.port}"
    message = EmailMessage()
    message["From"], message["To"] = sender, ", ".join(to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(from_us(at))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    try:
        with smtplib.SMTP(server.host, server.port, timeout=timeout_s) as smtp:
            if server.starttls:
                smtp.starttls(context=context or ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
            refused = smtp.send_message(message, sender, list(to))
    except (OSError, smtplib.SMTPException) as error:
        raise _not_sent(where, str(error) or type(error).__name__) from error
    if refused:
        raise _not_sent(where, ", ".join(sorted(refused)))


def post(url: str, content: Mapping[str, object], *, token: str = "", timeout_s: float = TIMEOUT_S) -> None:
    """Post a message as JSON.

    Parameters
    ----------
    url : str
        Begins with http:// or https://.
    content : mapping
    token : str
        Sent as ``Authorization: Bearer …``; empty means none.
    timeout_s : float

    Raises
    ------
    NotSentError
        If nobody answers, or the answer is not one of 200 to 299.
    """
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "forgecast"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(content, ensure_ascii=False).encode("utf-8")
    request = urllib.request.Request(url, data, headers, method="POST")  # noqa: S310  (checked by the settings)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            answer.read(1024)
    except urllib.error.HTTPError as error:
        error.close()
        raise _not_sent(url, f"{error.code} {error.reason}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise _not_sent(url, str(error) or type(error).__name__) from error


def _not_sent(where: str, reason: str) -> NotSentError:
    return NotSentError(
        text("the message was not taken: {reason}", reason=reason),
        where=where,
        repair=text("check server and address in plant.toml below [[notify]]; it is tried again by itself"),
    )
