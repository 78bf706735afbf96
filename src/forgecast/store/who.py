"""Who writes to a plant: a name that is given, else the account of the operating system; never nobody."""

from __future__ import annotations

import getpass
import os
import sys

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text

#: Environment variable that names the person.
VARIABLE = "FORGECAST_BY"


def who(given: str = "") -> str:
    """Return the person or program that answers for a change.

    Parameters
    ----------
    given : str
        Name as given (``--by``); blank where none is.

    Returns
    -------
    str
        What is given, else the environment's `VARIABLE`, else the account of the operating system.

    Raises
    ------
    PlantError
        If none of them says anything.
    """
    for name in (given, os.environ.get(VARIABLE, ""), _account()):
        plain = " ".join(name.split())
        if plain:
            return plain
    raise PlantError(
        text("nobody is named who answers for this change, and the operating system names no account"),
        repair=text("name yourself: `--by NAME`, or the environment variable {variable}", variable=VARIABLE),
    )


def _account() -> str:
    if sys.platform == "win32":
        return _account_on_windows()
    import pwd  # noqa: PLC0415  (not there on Windows)

    # Not getpass: it believes the environment before it asks the system.
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _account_on_windows() -> str:
    try:
        return os.getlogin()
    except OSError:
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
