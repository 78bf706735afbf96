"""The folder of a run: its files come together aside and move in once all are whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from forgecast import __version__
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: Says that a folder is complete, so it goes first and comes last.
_SEAL: Final = "summary.json"


def check_folder(folder: Path) -> None:
    """Make sure, before any time is spent, that the results can be written.

    Raises
    ------
    ForgecastError
        If a file has the folder's name, or the folder above it is missing or may not be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise ForgecastError(
            text("this is a file, and the results need a folder"),
            where=str(folder),
            repair=text("name another folder with --out"),
        )
    above = folder.absolute().parent
    if not above.is_dir():
        raise ForgecastError(
            text("the folder above the results does not exist"),
            where=str(above),
            repair=text("make it, or name another folder with --out"),
        )
    try:
        Path(tempfile.mkdtemp(dir=above, prefix=f".{folder.name}.")).rmdir()
        if folder.is_dir():
            Path(tempfile.mkdtemp(dir=folder, prefix=".trial.")).rmdir()
    except OSError as error:
        raise _cannot_write(folder, error) from error


@contextmanager
def filled(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Yield a folder aside to be filled; on success its files move into `folder`, after an error nothing is left.

    Parameters
    ----------
    folder : Path
    names : tuple of str
        Every file that such a run may leave. What an earlier run left and this one does not is taken away.

    Raises
    ------
    ForgecastError
        If the files cannot be written (a full disk, a folder without rights).
    """
    try:
        above = folder.absolute().parent
        aside = Path(tempfile.mkdtemp(dir=above, prefix=f".{folder.name}.", suffix=".part"))
        try:
            yield aside
            _move_in(aside, folder, names)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def with_summary(
    said: Mapping[str, object],
    draw: Callable[[Path], list[Path]],
    folder: Path,
    *,
    names: tuple[str, ...],
    version: int,
) -> tuple[Path, ...]:
    """Fill a folder with what `draw` makes, and with ``summary.json``: what was said, and each file with its hash.

    Parameters
    ----------
    said : mapping
        The answer, as every door shows it in JSON.
    draw : callable
        Makes its files in the folder given and returns them.
    folder : Path
    names : tuple of str
        As in `filled`.
    version : int
        Version of the form of the JSON.

    Raises
    ------
    ForgecastError
        If it cannot be written; then `folder` is as it was.
    """
    with filled(folder, names) as aside:
        made = draw(aside)
        summary = {
            "ok": True,
            "json_version": version,
            "forgecast": __version__,
            **said,
            "files": [file_entry(path) for path in made],
        }
        path = aside / _SEAL
        content = json.dumps(summary, ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(content + "\n", encoding="utf-8", newline="\n")
        made.append(path)
    return tuple(folder / one.name for one in made)


def file_entry(path: Path) -> dict[str, object]:
    """Return a file's name, hash and size, as a summary lists it."""
    content = path.read_bytes()
    return {"name": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _move_in(aside: Path, folder: Path, names: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    made = {path.name for path in aside.iterdir()}
    (folder / _SEAL).unlink(missing_ok=True)
    for name in names:
        if name not in made:
            (folder / name).unlink(missing_ok=True)
    for name in sorted(made, key=lambda one: one == _SEAL):
        with (aside / name).open("rb+") as file:
            os.fsync(file.fileno())
        (aside / name).replace(folder / name)


def _cannot_write(folder: Path, error: OSError) -> ForgecastError:
    return ForgecastError(
        text("the results cannot be written: {error}", error=error.strerror or type(error).__name__),
        where=str(folder),
        repair=text("free some space, close files that are open, or name another folder with --out"),
    )
