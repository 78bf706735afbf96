"""Study a gauge: how much of what is seen is the gauge and its operators, out of a file of repeated readings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.gauge_study import GaugeStudy, gauge_anova, gauge_range
from forgecast.tasks.watched import Wanted, Watched, natural
from forgecast.tasks.watched_file import headers_of, watched_in_file

#: Words by which the columns of a study are known, in both languages.
PART = ("part", "piece", "sample", "零件", "件号", "零件号", "样件", "部件")
OPERATOR = ("operator", "appraiser", "inspector", "操作者", "评价人", "测量者", "测量人", "检验员")
VALUE = ("value", "reading", "measurement", "measured", "读数", "测量值", "测值", "数值")


@dataclass(frozen=True, slots=True)
class StudyColumns:
    """Headers of a gauge study; an empty one is looked for by the usual words."""

    part: str = ""
    operator: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class StudiedGauge:
    """A crossed gauge study, analysed both ways.

    Parameters
    ----------
    title : Text
    unit : str
    source : str
    parts, operators, trials : int
    anova, by_range : GaugeStudy
    tolerance : float or None
        Width of the tolerance.
    """

    title: Text
    unit: str
    source: str
    parts: int
    operators: int
    trials: int
    anova: GaugeStudy
    by_range: GaugeStudy
    tolerance: float | None

    def rows(self, study: GaugeStudy) -> list[tuple[Text, float, float, float | None, float | None, float | None]]:
        """Return the lines of the usual table.

        Returns
        -------
        list of (name, variance, deviation, share of variance, share of deviation, share of tolerance)
            Shares [1], None where they cannot be told.
        """
        lines = (
            (text("Gauge and operators (GRR)"), study.gauge),
            (text("  Repeatability (EV)"), study.repeatability),
            (text("  Reproducibility (AV)"), study.reproducibility),
            (text("    Operators"), study.operators),
            (text("    Operators and parts"), study.interaction),
            (text("Parts (PV)"), study.parts),
            (text("Total (TV)"), study.total),
        )
        total = study.total
        return [
            (
                name,
                variance,
                float(np.sqrt(variance)),
                variance / total if total > 0.0 else None,
                float(np.sqrt(variance / total)) if total > 0.0 else None,
                None if self.tolerance is None else float(6.0 * np.sqrt(variance) / self.tolerance),
            )
            for name, variance in lines
        ]

    def as_json(self) -> dict[str, object]:
        """Return both analyses."""
        names = ("grr", "repeatability", "reproducibility", "operators", "interaction", "parts", "total")
        told: dict[str, object] = {
            "title": self.title.as_json(),
            "unit": self.unit,
            "source": self.source,
            "parts": self.parts,
            "operators": self.operators,
            "trials": self.trials,
            "tolerance": self.tolerance,
        }
        for study in (self.anova, self.by_range):
            told[study.method] = {
                "components": {
                    key: {
                        "variance": variance,
                        "deviation": deviation,
                        "share_of_variance": of_variance,
                        "share_of_study_variation": of_deviation,
                        "share_of_tolerance": of_tolerance,
                    }
                    for key, (_, variance, deviation, of_variance, of_deviation, of_tolerance) in zip(
                        names, self.rows(study), strict=True
                    )
                },
                "distinct_categories": study.categories,
                "negative": list(study.negative),
                "interaction_p": study.interaction_p,
                "interaction_pooled": study.pooled,
                "why_missing": None if study.why_missing is None else study.why_missing.as_json(),
            }
        return told


def study_gauge(path: Path, columns: StudyColumns | None = None, *, tolerance: float | None = None) -> StudiedGauge:
    """Analyse a crossed study: every operator measures every part, several times.

    Parameters
    ----------
    path : Path
        CSV or XLSX, one reading a row.
    columns : StudyColumns or None
        Headers of part, operator and reading.
    tolerance : float or None
        Upper limit less lower limit, in the unit of the readings.

    Raises
    ------
    ForgecastError
        If a column cannot be told, a reading is missing, or an operator did not measure a part as often as others did.
    """
    asked = columns or StudyColumns()
    headers = headers_of(path, (*PART, *OPERATOR, *VALUE))
    part = _header(asked.part, PART, headers, path, "--part")
    operator = _header(asked.operator, OPERATOR, headers, path, "--operator")
    value = _header(asked.value, VALUE, headers, path, "--value")
    readings = watched_in_file(path, Wanted((value,), (part, operator)))
    table = _crossed(readings, part, operator)
    return StudiedGauge(
        title=readings.columns[0].title,
        unit=readings.columns[0].unit,
        source=path.name,
        parts=table.shape[0],
        operators=table.shape[1],
        trials=table.shape[2],
        anova=gauge_anova(table),
        by_range=gauge_range(table),
        tolerance=tolerance,
    )


def _header(given: str, words: tuple[str, ...], headers: tuple[str, ...], path: Path, option: str) -> str:
    if given:
        return given
    found = [header for header in headers if _stem(header) in words]
    if len(found) == 1:
        return found[0]
    raise ForgecastError(
        text("no column, or more than one, is headed {words}", words=", ".join(words[:3])),
        where=path.name,
        repair=text("name it with {option}; the headers are: {headers}", option=option, headers=", ".join(headers)),
    )


def _stem(header: str) -> str:
    return header.replace("（", "(").replace("【", "[").split("(")[0].split("[")[0].strip().casefold()


def _crossed(readings: Watched, part: str, operator: str) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Return readings as (parts, operators, trials)."""
    of: dict[tuple[str, str], list[float]] = {}
    for a, b, value in zip(readings.labels[part], readings.labels[operator], readings.columns[0].values, strict=True):
        of.setdefault((str(a), str(b)), []).append(float(value))
    parts = sorted({a for a, _ in of}, key=natural)
    operators = sorted({b for _, b in of}, key=natural)
    trials = max(map(len, of.values()), default=0)
    for a in parts:
        for b in operators:
            if len(of.get((a, b), [])) != trials:
                raise ForgecastError(
                    text(
                        "operator {operator} measured part {part} {n} times and others {trials} times",
                        operator=b, part=a, n=len(of.get((a, b), [])), trials=trials,
                    ),
                    where=readings.source,
                    repair=text("measure what is missing, or leave the part or the operator out"),
                )  # fmt: skip
    table = np.array([[of[a, b] for b in operators] for a in parts], dtype=np.float64)
    return table.reshape(len(parts), len(operators), trials)
