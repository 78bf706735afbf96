"""The assessment of a plant: the value that `assess_plant` returns and every door shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text
from forgecast.rules.verdict import Verdict

#: Version of the JSON form; it grows by one whenever a key changes its meaning or goes away.
JSON_VERSION = 1


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a trend; None where the month cannot be computed."""

    month: str
    value: float | None


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure a manager looks at, with its months.

    Parameters
    ----------
    id : str
        Stable name (``specific_energy``).
    group : str
        ``production``, ``quality``, ``energy``, ``carbon``, ``environment`` or ``resources``.
    title : Text
    value : float or None
        For the whole period, in `unit`; None where it cannot be computed.
    unit : str
    why_missing : Text or None
    trend : tuple of Point
        By month; empty where a month makes no sense.
    slope_per_year : float or None
        Change of the trend in a year, in `unit`.
    basis : Text
        How it was computed and from which records, factors and sources.
    """

    id: str
    group: str
    title: Text
    value: float | None
    unit: str
    why_missing: Text | None
    trend: tuple[Point, ...]
    slope_per_year: float | None
    basis: Text


@dataclass(frozen=True, slots=True)
class Curve:
    """A series a report draws.

    Parameters
    ----------
    id, unit : str
    title : Text
    t : tuple of str
        ISO 8601 local time (hours or days) or ``YYYY-MM``.
    values : tuple of float or None
        None where there is no valid value: the line breaks there.
    limit : float or None
        A limit line.
    limit_title : Text or None
    """

    id: str
    unit: str
    title: Text
    t: tuple[str, ...]
    values: tuple[float | None, ...]
    limit: float | None
    limit_title: Text | None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was imported: name, SHA-256, when, rows taken, and the record or series it fed."""

    name: str
    sha256: str
    imported_at: str
    fed: str
    rows: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A book, a factor or a method the assessment stands on.

    Parameters
    ----------
    id : str
        Id of the book (that of its verdicts), ``kind/carrier`` of the factor, or the setting behind the method.
    what : Text
    edition : str
        Of the document, as it calls itself; empty where it has none.
    source : Text
    confidence : str
        ``primary``, ``secondary``, ``unverified``, or ``declared`` for a method.
    """

    id: str
    what: Text
    edition: str
    source: Text
    confidence: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that is known about a plant for one period.

    Parameters
    ----------
    plant_id, plant_name, zone : str
    synthetic : bool
        Whether the records are made up (a sample plant); shown wherever the assessment is.
    at : date
        Day as of which it is judged.
    start, end : date
        Judged stretch of plant-local days, end exclusive.
    findings : tuple of Finding
        Data quality: from the imports and from the checks of the assessment itself.
    verdicts : tuple of Verdict
    figures : tuple of KeyFigure
    curves : tuple of Curve
    files : tuple of SourceFile
    citations : tuple of Citation
    version : str
        Version of Forgecast.
    """

    plant_id: str
    plant_name: str
    zone: str
    synthetic: bool
    at: date
    start: date
    end: date
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    figures: tuple[KeyFigure, ...]
    curves: tuple[Curve, ...]
    files: tuple[SourceFile, ...]
    citations: tuple[Citation, ...]
    version: str

    def as_json(self) -> dict[str, object]:
        """Return the published JSON form (`docs/reference/assessment.schema.json`)."""
        return {
            "ok": True,
            "json_version": JSON_VERSION,
            "forgecast": self.version,
            "plant": {"id": self.plant_id, "name": self.plant_name, "zone": self.zone, "synthetic": self.synthetic},
            "at": self.at.isoformat(),
            "period": {"start": self.start.isoformat(), "end": self.end.isoformat()},
            "findings": [finding.as_json() for finding in self.findings],
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
            "figures": [_figure_json(figure) for figure in self.figures],
            "curves": [_curve_json(curve) for curve in self.curves],
            "files": [
                {"name": f.name, "sha256": f.sha256, "imported_at": f.imported_at, "fed": f.fed, "rows": f.rows}
                for f in self.files
            ],
            "citations": [
                {
                    "id": c.id,
                    "what": c.what.as_json(),
                    "edition": c.edition,
                    "source": c.source.as_json(),
                    "confidence": c.confidence,
                }
                for c in self.citations
            ],
        }


def _figure_json(figure: KeyFigure) -> dict[str, object]:
    return {
        "id": figure.id,
        "group": figure.group,
        "title": figure.title.as_json(),
        "value": figure.value,
        "unit": figure.unit,
        "why_missing": None if figure.why_missing is None else figure.why_missing.as_json(),
        "trend": [{"month": point.month, "value": point.value} for point in figure.trend],
        "slope_per_year": figure.slope_per_year,
        "basis": figure.basis.as_json(),
    }


def _curve_json(curve: Curve) -> dict[str, object]:
    return {
        "id": curve.id,
        "unit": curve.unit,
        "title": curve.title.as_json(),
        "t": list(curve.t),
        "values": list(curve.values),
        "limit": curve.limit,
        "limit_title": None if curve.limit_title is None else curve.limit_title.as_json(),
    }
