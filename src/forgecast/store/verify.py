"""Verifies a plant's audit trail: the chain, every row against its last change, and the series files on the disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.plant.record import Record, records
from forgecast.store.audit import NO_LINK, OPENING, Changed, Head, change_line, head, link_hash, series_digest
from forgecast.store.packing import packed_key, packed_text, row_hash, unpacked_row
from forgecast.store.tables import table

#: Rows fetched at once.
_FETCH = 5_000
#: Of the time: the series files, the chain; the rest is for the rows.
_FILES, _CHAIN = 0.1, 0.5
#: A noted head may be shortened; with fewer characters it would be found by chance.
_SHORTEST_HEAD = 16
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Break:
    """One place at which the trail and the plant do not agree.

    Parameters
    ----------
    what : Text
        What differs.
    link : int or None
        Link it was seen at.
    record, key : str
        Row concerned (its key as JSON); empty where no single row is meant.
    """

    what: Text
    link: int | None = None
    record: str = ""
    key: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the break as JSON answers show it."""
        return {"what": self.what.as_json(), "link": self.link, "record": self.record, "key": self.key}


@dataclass(slots=True)
class Verification:
    """What was verified, and what broke.

    Parameters
    ----------
    head : Head
        Last link; noted elsewhere, it shows later whether the end of the trail was cut off.
    links, changes, rows, files : int
        How many of each were looked at.
    opened_with : int
        Rows that were there before the trail: who wrote them is not known.
    breaks : list of Break
    """

    head: Head
    links: int = 0
    changes: int = 0
    rows: int = 0
    files: int = 0
    opened_with: int = 0
    breaks: list[Break] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is broken."""
        return not self.breaks

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "ok": True,
            "whole": self.whole,
            "head": self.head.hash,
            "links": self.links,
            "changes": self.changes,
            "rows": self.rows,
            "series_files": self.files,
            "rows_before_the_trail": self.opened_with,
            "breaks": [one.as_json() for one in self.breaks],
        }


def verify(
    connection: Connection, folder: Path, *, noted: str = "", progress: Callable[[float], None] = lambda _share: None
) -> Verification:
    """Recompute the whole trail and compare it with the rows and files as they are.

    A trail whose last links were taken away together with their changes is a whole, shorter trail: only a head that
    was noted elsewhere shows that.

    Parameters
    ----------
    connection : Connection
        A transaction that sees one state.
    folder : Path
        The plant folder.
    noted : str
        Hash of a link noted earlier (`Head.hash`), or its first characters; empty where none was.
    progress : callable
        Is told the share done, 0 to 1.

    Returns
    -------
    Verification

    Raises
    ------
    ForgecastError
        If the noted head is too short to tell anything.
    """
    if 0 < len(noted.strip()) < _SHORTEST_HEAD:
        raise ForgecastError(
            text("the noted head {head} is too short", head=noted),
            repair=text("give at least its first {count} characters", count=_SHORTEST_HEAD),
        )
    done = Verification(head(connection))
    links = _links(connection, noted.strip().lower(), done)
    # First of all: a file that an import replaces meanwhile stays on the disk for some minutes only.
    _series(connection, folder, links, done, lambda share: progress(_FILES * share))
    last = _changes(connection, links, done, lambda share: progress(_FILES + _CHAIN * share))
    _rows(connection, last, done, lambda share: progress(_FILES + _CHAIN + (1 - _FILES - _CHAIN) * share))
    progress(1.0)
    return done


def _links(connection: Connection, noted: str, done: Verification) -> dict[int, dict[str, Any]]:
    t = table("audit_link")
    links: dict[int, dict[str, Any]] = {}
    before, number = NO_LINK, 0
    hashes = []
    for row in connection.execute(sa.select(t).order_by(t.c.id)).mappings():
        link = dict(row)
        number += 1
        if link["id"] != number:
            done.breaks.append(
                Break(text("links {first} to {last} are missing", first=number, last=link["id"] - 1), link["id"])
            )
            number = link["id"]
        if link["before"] != before:
            done.breaks.append(Break(text("the link does not continue the one before it"), number))
        if link_hash(link) != link["hash"]:
            done.breaks.append(Break(text("the link does not have the hash it was sealed with"), number))
        before = link["hash"]
        hashes.append(before)
        links[number] = link
    if not links:
        done.breaks.append(Break(text("the plant has no audit trail")))
    elif noted and not any(one.startswith(noted) for one in hashes):
        done.breaks.append(Break(text("the noted head {head} is not in the trail: its end was cut off", head=noted)))
    done.links = len(links)
    done.opened_with = sum(link["changes"] for link in links.values() if link["what"] == OPENING)
    _files_of_links(connection, links, done)
    return links


def _files_of_links(connection: Connection, links: dict[int, dict[str, Any]], done: Verification) -> None:
    t = table("import_file")
    files = {row[0]: row[1:] for row in connection.execute(sa.select(t.c.id, t.c.name, t.c.sha256))}
    for number, link in links.items():
        if link["import_id"] is None:
            continue
        listed = files.get(link["import_id"])
        if listed is None:
            done.breaks.append(Break(text("the import of {file} is no longer listed", file=link["what"]), number))
        elif link["file_sha256"] and tuple(listed) != (link["what"], link["file_sha256"]):
            done.breaks.append(Break(text("the import of {file} is listed otherwise", file=link["what"]), number))


#: By record and key: hash of the row after its last change, its place, and the number of that link.
_Last = dict[str, dict[str, tuple[bytes, int]]]


def _mark(hashed: str, import_id: int, sheet: str, row: int) -> bytes:
    told = f"{hashed}\x1f{import_id}\x1f{row}\x1f{sheet}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, digest_size=16).digest()


def _changes(
    connection: Connection, links: dict[int, dict[str, Any]], done: Verification, progress: Callable[[float], None]
) -> _Last:
    total = max(1, sum(link["changes"] for link in links.values()))
    last: _Last = {}
    seen: set[int] = set()
    for number, changes in _by_link(connection):
        sha, count = hashlib.sha256(), 0
        for change in changes:
            count += 1
            if change["number"] != count:
                done.breaks.append(
                    Break(text("a change before this one is missing"), number, change["record"], change["key"])
                )
                count = change["number"]
            told = Changed((), change["import_id"], change["row"], change["row_hash"], change["before"])
            line = change_line(count, change["record"], change["key"], packed_text(change["sheet"]), told)
            sha.update(line.encode("utf-8", "surrogatepass"))
            _follow(change, last, done)
            done.changes += 1
            if done.changes % _FETCH == 0:
                progress(done.changes / total)
        seen.add(number)
        link = links.get(number)
        if link is None:
            done.breaks.append(Break(text("{count} changes have no link", count=count), number))
        else:
            _judge_link(link, count, sha.hexdigest(), done)
    for number, link in links.items():
        if number not in seen:
            _judge_link(link, 0, hashlib.sha256().hexdigest(), done)
    return last


def _judge_link(link: dict[str, Any], count: int, sha256: str, done: Verification) -> None:
    if link["changes"] != count:
        what = text("the link is of {told} changes; {count} are there", told=link["changes"], count=count)
        done.breaks.append(Break(what, link["id"]))
    elif link["changes_sha256"] != sha256:
        done.breaks.append(Break(text("the changes of the link are not those it was sealed with"), link["id"]))


def _by_link(connection: Connection) -> Iterator[tuple[int, Iterator[dict[str, Any]]]]:
    t = table("audit_change")
    query = sa.select(t).order_by(t.c.link, t.c.number).execution_options(yield_per=_FETCH)
    rows = (dict(row) for row in connection.execute(query).mappings())
    first = next(rows, None)
    while first is not None:
        number, ahead = first["link"], [first]

        def of_this(number: int = number, ahead: list[dict[str, Any]] = ahead) -> Iterator[dict[str, Any]]:
            yield ahead.pop()
            for row in rows:
                if row["link"] != number:
                    ahead.append(row)
                    return
                yield row

        yield number, of_this()
        first = ahead[0] if ahead else None


def _follow(change: dict[str, Any], last: _Last, done: Verification) -> None:
    """Compare what a change says the row held with what the change before it made of the row."""
    number, record, key = change["link"], change["record"], change["key"]
    of_record = last.setdefault(record, {})
    before = of_record.get(key)
    of_record[key] = (_mark(change["row_hash"], change["import_id"], change["sheet"], change["row"]), number)
    if change["before"] is None:
        if before is not None:
            what = text("the change says the row is new; link {link} had it already", link=before[1])
            done.breaks.append(Break(what, number, record, key))
        return
    if before is None:
        done.breaks.append(Break(text("no change before this one made the row"), number, record, key))
        return
    try:
        values, import_id, sheet, row = unpacked_row(change["before"])
        mark = _mark(row_hash(values), import_id, sheet, row)
    except (ValueError, KeyError, TypeError, AttributeError, json.JSONDecodeError):
        mark = b""
    if mark != before[0]:
        what = text("what the row held before is not what link {link} made of it", link=before[1])
        done.breaks.append(Break(what, number, record, key))


def _rows(connection: Connection, last: _Last, done: Verification, progress: Callable[[float], None]) -> None:
    total = max(1, sum(len(of_record) for of_record in last.values()))
    for kind in records().values():
        of_record = last.pop(kind.name, {})
        t = table(kind.name)
        for row in connection.execute(sa.select(t).execution_options(yield_per=_FETCH)).mappings():
            _judge_row(connection, kind, dict(row), of_record, done)
            done.rows += 1
            if done.rows % _FETCH == 0:
                progress(min(1.0, done.rows / total))
        for key, (_, number) in of_record.items():
            done.breaks.append(Break(text("the row is gone"), number, kind.name, key))
    for record, of_record in last.items():
        what = text("{count} rows are of a record that does not exist", count=len(of_record))
        done.breaks.append(Break(what, None, record))


def _judge_row(
    connection: Connection,
    kind: Record,
    row: dict[str, Any],
    of_record: dict[str, tuple[bytes, int]],
    done: Verification,
) -> None:
    values = {f.name: row[f.name] for f in kind.fields}
    key = packed_key(values[name] for name in kind.key)
    hashed = row_hash(values)
    known = of_record.pop(key, None)
    if known is None:
        done.breaks.append(Break(text("no link accounts for the row"), None, kind.name, key))
        return
    mark = _mark(hashed, row["import_id"], row["source_sheet"], row["source_row"])
    if mark == known[0] and row["row_hash"] == hashed:
        return
    t = table("audit_change")
    same = (t.c.link == known[1], t.c.record == kind.name, t.c.key == key)
    change = connection.execute(sa.select(t).where(*same).order_by(t.c.number.desc()).limit(1)).mappings().one()
    if hashed != change["row_hash"]:
        what = text("the values of the row are not those of its last change")
    elif row["row_hash"] != hashed:
        what = text("the hash kept with the row is not that of its values")
    else:
        what = text("file, sheet or row it came from are not those of its last change")
    done.breaks.append(Break(what, known[1], kind.name, key))


def _series(
    connection: Connection,
    folder: Path,
    links: dict[int, dict[str, Any]],
    done: Verification,
    progress: Callable[[float], None],
) -> None:
    if links and links[max(links)]["series_sha256"] != series_digest(connection):
        what = text("the list of series files is not the one the last link was sealed with")
        done.breaks.append(Break(what, max(links)))
    t = table("series_file")
    files = connection.execute(
        sa.select(t.c.path, t.c.sha256, t.c.bytes).where(t.c.retired_at.is_(None)).order_by(t.c.path)
    ).all()
    total, read = max(1, sum(int(file[2]) for file in files)), 0
    for path, sha256, size in files:
        seen = _sha256(folder / path)
        if seen is None:
            done.breaks.append(Break(text("the series file {file} is missing", file=path)))
        elif seen != sha256:
            done.breaks.append(Break(text("the series file {file} was changed", file=path)))
        done.files += 1
        read += int(size)
        progress(read / total)


def _sha256(path: Path) -> str | None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError:
        return None
    return digest.hexdigest()
