"""Doors of files that come in: what an import would do, a map where headers are unknown, the import, its findings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.values import ErrorTold, FindingTold, moment_at
from forgecast.gateway.propose.proposal import CONFIDENCE_TEXTS, Confidence
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.import_files import FileReport, ImportReport, SomeRefusedError, import_files, try_file
from forgecast.tasks.propose_map import propose_map, try_map

Limit = Annotated[int, Asked(ge=1, le=1000)]


#: Sender of uploads: one of the same name is the corrected version of the one before.
_SENDER = "upload"


class AboutFiles(Question):
    """Files that were uploaded to this plant, and the map they are read with."""

    uploads: list[str] = Asked(min_length=1, max_length=50, description="Ids of uploads.")
    map: str = Asked(default="", max_length=200_000, description="Map in TOML, as plant/map proposes it; may be empty.")


class FedTold(BaseModel):
    """What a file does to one record, or to the series."""

    name: str
    new: int
    changed: int
    same: int
    refused: int


class FileTold(BaseModel):
    """What becomes of one file."""

    name: str
    already_in: bool
    refused: ErrorTold | None
    fed: list[FedTold]
    findings: list[FindingTold]


class FilesTold(BaseModel):
    """What becomes of several files."""

    ok: bool
    files: list[FileTold]


@contextmanager
def _map_file(content: str) -> Iterator[Path | None]:
    """Return the file of a map, as imports take it; gone afterwards."""
    if not content.strip():
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="forgecast-map-") as folder:
        path = Path(folder) / "map.toml"
        path.write_text(content, encoding="utf-8", newline="\n")
        yield path


def _try(call: Call, question: AboutFiles) -> Mapping[str, Any]:
    reports: list[FileReport] = []
    with _map_file(question.map) as map_path:
        for number, upload in enumerate(question.uploads):
            done = _of_all(call, number, len(question.uploads))
            reports.append(try_file(call.plant, call.upload(upload), map_path=map_path, progress=done, by=call.by))
    return ImportReport(tuple(reports)).as_json()


def _of_all(call: Call, number: int, count: int) -> Any:  # noqa: ANN401  (a callable)
    return lambda share: call.progress((number + share) / count)


#: Record through which heats and pieces are released.
_DECISIONS = "disposition"


def _import(call: Call, question: AboutFiles) -> Mapping[str, Any]:
    paths = [call.upload(upload) for upload in question.uploads]
    with _map_file(question.map) as map_path:
        try:
            report = import_files(
                call.plant, paths, map_path=map_path, progress=call.progress, by=call.by, sender=_SENDER,
                barred=() if Right.RELEASE in call.rights else (_DECISIONS,),
            )  # fmt: skip
        except SomeRefusedError as refused:
            report = refused.report
        except ForgecastError as error:
            if len(paths) > 1 or error.code == "plant":
                raise
            report = ImportReport((FileReport(paths[0].name, refused=error, findings=error.findings),))
    return report.as_json()


class AboutMap(Question):
    """A file whose columns are to be explained, and what is known of them already."""

    upload: str
    record: str = Asked(default="", description="Record the file is known to hold; empty for the likeliest.")
    constants: dict[str, str] = Asked(default={}, description="Values that hold for every row, by field.")
    units: dict[str, str] = Asked(default={}, description="Units that the table does not tell, by header.")
    columns: dict[str, str] = Asked(default={}, description="Fields that columns are known to feed, by header.")


class ColumnTold(BaseModel):
    """What is proposed for one column."""

    column: str
    samples: list[str]
    role: str
    field: str | None
    confidence: str
    sure: Words
    score: float | None
    unit: str | None
    units: list[str]
    taken: bool
    reasons: list[Words]
    facts: list[Words]
    otherwise: list[dict[str, Any]]
    missing_values: list[dict[str, Any]]
    values: dict[str, str]
    open_values: list[str]
    made_of: list[str]


class TableTold(BaseModel):
    """What is proposed for one table of a file."""

    sheet: str
    header_row: int
    first_row: int
    record: str
    records: list[dict[str, Any]]
    missing: list[str]
    constants: dict[str, Any]
    day_first: bool | None
    columns: list[ColumnTold]


class TrialTold(BaseModel):
    """What an import with the map would do."""

    rows: dict[str, int]
    rows_refused: int
    cells_refused: int
    findings: list[FindingTold]
    refused: ErrorTold | None


class MapTold(BaseModel):
    """A proposal of what the tables of a file mean."""

    file: str
    tables: list[TableTold]
    to_do: list[Words]
    map: str
    trial: TrialTold | None


def _map(call: Call, question: AboutMap) -> Mapping[str, Any]:
    path = call.upload(question.upload)
    made = propose_map(
        path,
        record_name=question.record,
        constants=question.constants,
        units=question.units,
        columns=question.columns,
    )
    call.progress(0.5)
    told: dict[str, Any] = made.as_json()
    for table in told["tables"]:
        for column in table["columns"]:
            column["sure"] = CONFIDENCE_TEXTS[Confidence(column["confidence"])].as_json()
    trial = try_map(path, made.map_text).as_json() if made.map_text else None
    return {"file": path.name, **told, "trial": trial}


class AboutImports(Question):
    """Which part of the list of imports."""

    words: str = Asked(
        default="", max_length=200, description="Words within the file's name, who took it in, or what it fed."
    )
    limit: Limit = 100
    after: str = Asked(default="", description="`next` of the page before.")


class ImportTold(BaseModel):
    """A file that was taken in, or rows that were entered by hand."""

    id: int
    name: str
    by_hand: bool
    by: str
    imported_at: str | None
    fed: list[str]
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_refused: int
    readings_new: int
    readings_changed: int
    readings_same: int
    findings: dict[str, int]
    superseded_by: int | None
    sha256: str


class ImportsTold(BaseModel):
    """Imports, newest first."""

    total: int
    imports: list[ImportTold]
    next: str | None


def _imports(call: Call, question: AboutImports) -> Mapping[str, Any]:
    wanted = question.words.strip().casefold()
    log = [
        one for one in call.plant.import_log() if wanted in " ".join((one.file.name, one.by, *one.file.fed)).casefold()
    ]
    skip = int(question.after) if question.after.isdecimal() else 0
    shown = log[skip : skip + question.limit]
    return {
        "total": len(log),
        "imports": [_import_told(one) for one in shown],
        "next": str(skip + len(shown)) if skip + len(shown) < len(log) else None,
    }


def _import_told(one: Any) -> dict[str, Any]:  # noqa: ANN401  (a LoggedImport)
    file = one.file
    by_hand = file.name.startswith("entry:")
    return {
        "id": file.id,
        "name": file.name,
        "by_hand": by_hand,
        "by": one.by or (file.name.removeprefix("entry:") if by_hand else ""),
        "imported_at": moment_at(file.imported_at),
        "fed": list(file.fed),
        **file.counts,
        "findings": one.findings,
        "superseded_by": file.superseded_by,
        "sha256": file.sha256,
    }


class AboutFindings(Question):
    """Findings of one import, or of all that stand."""

    id: int | None = Asked(
        default=None, ge=0, le=2**53, description="Number of the import; without it, of all that stand."
    )
    severity: str = Asked(default="", pattern="^(|refused|doubtful|note)$")
    limit: Limit = 100
    after: str = ""


class FindingsTold(BaseModel):
    """Findings."""

    total: int
    findings: list[FindingTold]
    next: str | None


def _findings(call: Call, question: AboutFindings) -> Mapping[str, Any]:
    found = call.plant.records.findings() if question.id is None else call.plant.findings_of(question.id)
    listed = [one for one in found if question.severity in {"", str(one.severity)}]
    skip = int(question.after) if question.after.isdecimal() else 0
    shown = listed[skip : skip + question.limit]
    return {
        "total": len(listed),
        "findings": [one.as_json() for one in shown],
        "next": str(skip + len(shown)) if skip + len(shown) < len(listed) else None,
    }


TRY = Door("plant", "try", text("What taking files in would do, with every finding; nothing is taken in."),
           Right.RECORD, Way.RUN, AboutFiles, FilesTold, _try)  # fmt: skip
MAP = Door("plant", "map", text("A proposal of what the columns of a file mean, how sure, and what only you can say."),
           Right.RECORD, Way.RUN, AboutMap, MapTold, _map)  # fmt: skip
IMPORT = Door("plant", "import", text("Take files in: each wholly or not at all, and none twice."),
              Right.RECORD, Way.RUN, AboutFiles, FilesTold, _import)  # fmt: skip
IMPORTS = Door("plant", "imports", text("What was taken in: which file, when, by whom, how much, with which findings."),
               Right.SEE, Way.READ, AboutImports, ImportsTold, _imports)  # fmt: skip
FINDINGS = Door("plant", "findings", text("What was refused or is doubtful in the files taken in, with the repair."),
                Right.SEE, Way.READ, AboutFindings, FindingsTold, _findings)  # fmt: skip

FILE_DOORS: tuple[Door[Any], ...] = (TRY, MAP, IMPORT, IMPORTS, FINDINGS)
