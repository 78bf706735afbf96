"""The settings of a plant, kept in `plant.toml`: read, checked, and written for a person to edit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeGuard, TypeVar

from forgecast.ground.dates import CHINA, Shift, ShiftCalendar, zone
from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.ground.texts import Text, text
from forgecast.rules.decision import DecisionRule
from forgecast.store.notify_settings import NotifyRoute, read_routes

_T = TypeVar("_T", str, int, float, bool)

FILE_NAME = "plant.toml"
#: Version of the form of `plant.toml`; one more whenever a key changes its meaning.
FORMAT = 1
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOUR_MINUTES = 60
#: Shifts of a plant that has said nothing else.
TWO_SHIFTS = (Shift("day", time(8)), Shift("night", time(20)))
_TABLES = {
    "": ("format", "plant", "store", "environment", "telemetry", "shifts", "notify"),
    "plant": ("id", "name", "zone", "synthetic"),
    "store": ("records",),
    "environment": ("valid_hour_share", "minimum_coverage", "decision_rule"),
    "telemetry": ("keep",),
    "telemetry.keep": ("tags", "raw_days", "means_minutes"),
    "shifts": ("name", "start"),
}


@dataclass(frozen=True, slots=True)
class KeepRule:
    """How long the readings of some tags are kept one by one, and what stays of them afterwards.

    Parameters
    ----------
    tags : tuple of str
        Names, with ``*`` and ``?``; case counts.
    raw_days : int
        Days for which every reading stays.
    means_minutes : int or None
        Means over so many minutes stay for good; None: the hours only.
    """

    tags: tuple[str, ...]
    raw_days: int
    means_minutes: int | None = None

    def covers(self, tag: str) -> bool:
        """Tell whether the rule is meant for a tag."""
        return any(fnmatchcase(tag, pattern) for pattern in self.tags)


@dataclass(frozen=True, slots=True)
class PlantSettings:
    """What a plant is called, where its records are, and which methods it has declared.

    Parameters
    ----------
    id : str
        Short identifier: letters, digits, ``.``, ``_`` and ``-``.
    name : str
        As its owner writes it.
    zone : str
        IANA time zone of its clocks and calendar days.
    synthetic : bool
        Whether its records are made up.
    records : str
        File name of the SQLite database inside the folder, or a ``postgresql+psycopg://`` URL.
    valid_hour_share : float
        Least share of an hour's readings that must be good for its mean to count, 0 to 1; declared by the plant.
    minimum_coverage : float
        Least share of due hours that must be valid for a period to be judged, 0 to 1; declared by the plant.
    decision_rule : DecisionRule
        How measurement uncertainty bears on verdicts whose book says nothing of it; declared by the plant.
    shifts : tuple of Shift
        In order of their start.
    keep : tuple of KeepRule
        The first rule that covers a tag counts; a tag without one keeps every reading for good.
    notify : tuple of NotifyRoute
        Whom alarms are told to.
    """

    id: str
    name: str
    zone: str = CHINA
    synthetic: bool = False
    records: str = "records.sqlite"
    valid_hour_share: float = 0.75
    minimum_coverage: float = 0.75
    decision_rule: DecisionRule = DecisionRule.SIMPLE
    shifts: tuple[Shift, ...] = TWO_SHIFTS
    keep: tuple[KeepRule, ...] = ()
    notify: tuple[NotifyRoute, ...] = ()

    @property
    def shift_calendar(self) -> ShiftCalendar:
        """Return the shifts in the plant's zone."""
        return ShiftCalendar(self.shifts, self.zone)


def checked_settings(settings: PlantSettings, where: str = FILE_NAME) -> PlantSettings:
    """Return the settings if each of them can be what it says.

    Raises
    ------
    PlantError
        Naming the key, its value and the repair.
    """
    if not _ID.fullmatch(settings.id):
        raise _wrong(
            where,
            text("the plant id is `{id}`", id=settings.id),
            text("use 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit"),
        )
    if not settings.name.strip():
        raise _wrong(where, text("the plant has no name"), text("write the name of the plant at plant.name"))
    try:
        zone(settings.zone)
        _ = settings.shift_calendar
    except ForgecastError as error:
        raise _wrong(where, error.what, error.repair) from None
    for name in ("valid_hour_share", "minimum_coverage"):
        share = getattr(settings, name)
        if not 0 < share <= 1:
            raise _wrong(
                where,
                text("environment.{name} is {share}", name=name, share=share),
                text("give a share above 0 and up to 1, such as 0.75"),
            )
    return settings


def read_settings(folder: Path) -> PlantSettings:
    """Read and check `plant.toml` of a plant folder.

    Raises
    ------
    PlantError
        If it is missing, cannot be parsed (with line), holds a wrong or unknown key (with line), or was written by
        a newer version.
    """
    path = folder / FILE_NAME
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise PlantError(
            text("this is no plant folder: there is no plant.toml in it"),
            where=str(folder),
            repair=text("give the folder that `forgecast plant new` made, or make one with it"),
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        where = f"{path}:{line}"
        raise _wrong(where, text("the file is not written in UTF-8"), text("save it as UTF-8 in your editor")) from None
    try:
        parsed = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise _parse_error(path, content, error) from None
    return _Reader(path, content, parsed).settings()


class _Reader:
    """Takes settings out of parsed TOML, naming the line of whatever is wrong."""

    def __init__(self, path: Path, content: str, parsed: Mapping[str, object]) -> None:
        self.path, self.lines, self.parsed = path, content.splitlines(), parsed

    def settings(self) -> PlantSettings:
        version = self._value("", "format", int, FORMAT)
        if version > FORMAT:
            raise self._error(
                text(
                    "the folder is of format {version}; this Forgecast knows up to {known}",
                    version=version,
                    known=FORMAT,
                ),
                text("install a newer Forgecast: `pip install --upgrade forgecast`"),
                key="format",
            )
        for table in ("", "plant", "store", "environment", "telemetry"):
            self._refuse_unknown(table, self._table(table))
        made = PlantSettings(
            id=self._value("plant", "id", str),
            name=self._value("plant", "name", str),
            zone=self._value("plant", "zone", str, CHINA),
            synthetic=self._value("plant", "synthetic", bool, default=False),
            records=self._value("store", "records", str, "records.sqlite"),
            valid_hour_share=self._value("environment", "valid_hour_share", float, 0.75),
            minimum_coverage=self._value("environment", "minimum_coverage", float, 0.75),
            decision_rule=self._decision_rule(),
            shifts=self._shifts(),
            keep=self._keep(),
            notify=read_routes(self.parsed.get("notify"), lambda what, how: self._error(what, how, key="notify")),
        )
        return checked_settings(made, str(self.path))

    def _table(self, name: str) -> Mapping[str, object]:
        found = self.parsed if name == "" else self.parsed.get(name, {})
        if isinstance(found, Mapping):
            return found
        raise self._error(
            text("`{name}` is no table", name=name), text("write [{name}] on its own line", name=name), key=name
        )

    def _refuse_unknown(self, table: str, found: Mapping[str, object]) -> None:
        for key in found:
            if key not in _TABLES[table]:
                name = f"{table}.{key}" if table else key
                raise self._error(
                    text("the key {name} is not known", name=name),
                    text("use one of: {names}", names=", ".join(_TABLES[table])),
                    table=table,
                    key=key,
                )

    def _value(self, table: str, key: str, kind: type[_T], default: _T | None = None) -> _T:
        found = self._table(table).get(key, default)
        if kind is float and isinstance(found, int) and not isinstance(found, bool):
            found = float(found)
        if isinstance(found, kind) and not (kind is int and isinstance(found, bool)):
            return found
        name = f"{table}.{key}" if table else key
        if found is None:
            raise self._error(
                text("the key {name} is missing", name=name),
                text("write `{key} = …` below [{table}]", key=key, table=table),
                table=table,
                key=key,
            )
        raise self._error(
            text("{name} is {value}", name=name, value=str(found)),
            text("write {kind} there", kind=_KINDS[kind]),
            table=table,
            key=key,
        )

    def _decision_rule(self) -> DecisionRule:
        said = self._value("environment", "decision_rule", str, str(DecisionRule.SIMPLE))
        if said not in list(DecisionRule):
            raise self._error(
                text("{name} is {value}", name="environment.decision_rule", value=said),
                text("use one of: {names}", names=", ".join(DecisionRule)),
                table="environment",
                key="decision_rule",
            )
        return DecisionRule(said)

    def _shifts(self) -> tuple[Shift, ...]:
        listed = self.parsed.get("shifts")
        if listed is None:
            return TWO_SHIFTS
        repair = text('write [[shifts]] and below it name = "day" and start = "08:00", once for each shift')
        if not isinstance(listed, list) or not listed:
            raise self._error(text("`{name}` lists nothing", name="shifts"), repair, key="shifts")
        shifts = []
        for entry in listed:
            if not isinstance(entry, Mapping) or set(entry) != {"name", "start"} or not isinstance(entry["name"], str):
                raise self._error(text("a shift needs a name and a start"), repair, key="shifts")
            start = entry["start"]
            try:
                start = start if isinstance(start, time) else time.fromisoformat(start)
            except (TypeError, ValueError):
                raise self._error(
                    text("the shift starts at {start}", start=str(entry["start"])), repair, table="shifts", key="start"
                ) from None
            shifts.append(Shift(entry["name"], start))
        return tuple(shifts)

    def _keep(self) -> tuple[KeepRule, ...]:
        listed = self._table("telemetry").get("keep", [])
        name = "telemetry.keep"
        repair = text(
            'write [[telemetry.keep]] and below it tags = "P-*", raw_days = 400 and, if means shall stay, '
            "means_minutes = 15, once for each rule"
        )
        if not isinstance(listed, list):
            raise self._error(text("`{name}` lists nothing", name=name), repair, table="telemetry", key="keep")
        rules = []
        for entry in listed:
            if not isinstance(entry, Mapping) or not {"tags", "raw_days"} <= set(entry) <= set(_TABLES[name]):
                raise self._error(text("a rule of telemetry.keep needs tags and raw_days"), repair, key=name)
            tags = [entry["tags"]] if isinstance(entry["tags"], str) else entry["tags"]
            if not isinstance(tags, list) or not tags or not all(isinstance(tag, str) and tag for tag in tags):
                raise self._error(text("a rule of telemetry.keep names no tags"), repair, table=name, key="tags")
            days, minutes = entry["raw_days"], entry.get("means_minutes")
            if not _is_count(days):
                what = text("{name} is {value}", name="raw_days", value=str(days))
                raise self._error(what, text("write a whole number of days, from 1"), table=name, key="raw_days")
            if minutes is not None and not (_is_count(minutes) and _HOUR_MINUTES % minutes == 0):
                what = text("{name} is {value}", name="means_minutes", value=str(minutes))
                repair = text("write a number of minutes that divides the hour: 1, 5, 10, 15, 30 …")
                raise self._error(what, repair, table=name, key="means_minutes")
            rules.append(KeepRule(tuple(tags), days, minutes))
        return tuple(rules)

    def _error(self, what: Text, repair: Text, *, key: str, table: str = "") -> PlantError:
        line = self._line(table, key)
        return _wrong(f"{self.path}:{line}" if line else str(self.path), what, repair)

    def _line(self, table: str, key: str) -> int | None:
        inside = ""
        for number, line in enumerate(self.lines, start=1):
            stripped = line.strip()
            if stripped.startswith("["):
                inside = stripped.strip("[] ").split("#")[0].strip("[] ")
                if table == "" and inside == key:
                    return number
            elif inside == table and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*[=.]", stripped):
                return number
        return None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


_KINDS: dict[type, Text] = {
    str: text("text in quotes"),
    bool: text("true or false"),
    int: text("a whole number"),
    float: text("a number"),
}


def _wrong(where: str, what: Text, repair: Text) -> PlantError:
    return PlantError(what, where=where, repair=repair)


def _parse_error(path: Path, content: str, error: tomllib.TOMLDecodeError) -> PlantError:
    said = re.search(r"\(at line (\d+)", str(error))
    line = int(said.group(1)) if said else content.count("\n") + 1
    lines = content.splitlines()
    seen = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    return _wrong(
        f"{path}:{line}",
        text("plant.toml cannot be read here: `{line}` ({reason})", line=seen, reason=str(error)),
        text('write settings as `key = value`, text in "quotes", true or false in small letters'),
    )


def written_settings(settings: PlantSettings) -> str:
    """Return the text of a new `plant.toml`, explained in both languages for the person who edits it."""
    shifts = "\n".join(
        f"[[shifts]]\nname = {_quoted(shift.name)}\nstart = {_quoted(_clock(shift.start))}\n"
        for shift in settings.shifts
    )
    keep = "\n".join(
        f"[[telemetry.keep]]\ntags = [{', '.join(map(_quoted, rule.tags))}]\nraw_days = {rule.raw_days}\n"
        + (f"means_minutes = {rule.means_minutes}\n" if rule.means_minutes else "")
        for rule in settings.keep
    )
    return _TEMPLATE.format(
        format=FORMAT,
        id=_quoted(settings.id),
        name=_quoted(settings.name),
        zone=_quoted(settings.zone),
        synthetic=str(settings.synthetic).lower(),
        records=_quoted(settings.records),
        valid_hour_share=settings.valid_hour_share,
        minimum_coverage=settings.minimum_coverage,
        decision_rule=_quoted(settings.decision_rule),
        shifts=shifts,
        keep=keep,
    )


def _clock(start: time) -> str:
    return start.isoformat("auto" if start.second or start.microsecond else "minutes")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found.group()):04x}", escaped) + '"'


_TEMPLATE = """\
# Settings of this plant. Forgecast reads this file each time; edit it with any text editor and save as UTF-8.
# 本工厂的设置。Forgecast每次运行都会读取本文件；可用任意文本编辑器修改，并以UTF-8编码保存。

# Form of this file; leave it as it is. / 本文件的格式版本，请勿修改。
format = {format}

[plant]
# Short identifier: letters, digits, . _ - / 简短编号：字母、数字及 . _ -
id = {id}
# Name as it shall stand on reports. / 报告上显示的企业（工厂）名称。
name = {name}
# Time zone of the plant's clocks and calendar days (IANA name). / 工厂时钟与自然日所用时区（IANA名称）。
zone = {zone}
# true if the records are made up (a sample plant); every report then says so.
# 数据为虚构的示例工厂时填true，所有报告都会注明。
synthetic = {synthetic}

[store]
# Where the records are: an SQLite file in this folder (needs no server), or a PostgreSQL database that belongs to
# this plant alone: "postgresql+psycopg://user@host/database" (keep the password in ~/.pgpass, not here).
# 记录的存放位置：本文件夹内的SQLite文件（无需服务器），或本工厂专用的PostgreSQL数据库：
# "postgresql+psycopg://用户@主机/数据库"（密码请放在~/.pgpass中，不要写在这里）。
records = {records}

[environment]
# Choices of method that the plant declares; they are named in every verdict that rests on them.
# 由工厂声明的方法选择；凡以此为依据的判定都会注明。
# Least share of an hour's readings that must be valid for the hourly mean to count.
# 小时均值有效所需的该小时有效数据最低比例。
valid_hour_share = {valid_hour_share}
# Least share of the hours due that must be valid for a period to be judged.
# 对一个时段作出判定所需的有效小时最低比例。
minimum_coverage = {minimum_coverage}
# How measurement uncertainty bears on verdicts whose book says nothing of it: simple_acceptance, shared_risk,
# guarded_acceptance or guarded_rejection (JCGM 106:2012).
# 规则库未作规定时，测量不确定度如何影响判定：simple_acceptance（简单接受）、shared_risk（风险共担）、
# guarded_acceptance（保护带接受）或guarded_rejection（保护带拒绝）（JCGM 106:2012）。
decision_rule = {decision_rule}

# Shifts in the order of their start; each lasts until the next one starts.
# 班次按开始时间先后排列，每班持续到下一班开始。
{shifts}
# Every reading is kept for good unless a rule lets readings go; the hours of what has gone always stay.
# The first rule that covers a tag counts. Without the leading #:
# 所有读数均永久保存，除非规则允许删除；被删除读数的小时值始终保留。每个测点以首条匹配的规则为准。去掉行首的#即生效：
# [[telemetry.keep]]
# tags = "VIB-*"
# raw_days = 400
# means_minutes = 15
{keep}"""
