"""Find when several signals together are strange for the regime a machine is in, and which of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.signals.condition.anomaly import Alarm, Anomalies, Method, find_regimes
from forgecast.signals.condition.anomaly import find_anomalies as search
from forgecast.tasks.condition_values import matrix_of, per_month, place_of
from forgecast.tasks.watched import Watched


@dataclass(frozen=True, slots=True, eq=False)
class FoundAnomalies:
    """Anomalies of a table of signals.

    Parameters
    ----------
    watched : Watched
    found : Anomalies
    regime_from : str
        Label that gave the regimes; ``found`` where they were found; empty for one regime.
    notes : tuple of Text
    """

    watched: Watched
    found: Anomalies
    regime_from: str
    notes: tuple[Text, ...]

    @property
    def alarms_per_month(self) -> float | None:
        """Return the alarms a month of the judged part."""
        judged = np.flatnonzero((self.found.part == 2) & np.isfinite(self.found.score)).astype(np.int64)
        return per_month(len(self.found.alarms), self.watched, judged)

    @property
    def false_per_month(self) -> float | None:
        """Return the alarms a month expected of sound rows at the false-alarm rate declared."""
        judged = np.flatnonzero((self.found.part == 2) & np.isfinite(self.found.score)).astype(np.int64)
        return per_month(self.found.false_alarm * judged.size, self.watched, judged)

    def worst(self, most: int) -> list[Alarm]:
        """Return the alarms with the highest excess."""
        return sorted(self.found.alarms, key=lambda one: -one.excess)[:most]

    def place(self, row: int) -> str:
        """Return when a row was."""
        return place_of(self.watched, row)

    def as_json(self) -> dict[str, object]:
        """Return the answer; alarms in order of time."""
        found = self.found
        return {
            "source": self.watched.source,
            "signals": [column.name for column in self.watched.columns],
            "method": found.method,
            "regimes": self.regime_from or None,
            "false_alarm": found.false_alarm,
            "thresholds": [{"regime": name, "threshold": at, "rows": n} for name, at, n in found.thresholds],
            "learnt_rows": int(((found.part == 0) & np.isfinite(found.score)).sum()),
            "judged_rows": int(((found.part == 2) & np.isfinite(found.score)).sum()),
            "judged_share_beyond": found.judged_share,
            "alarms_per_month": self.alarms_per_month,
            "expected_false_alarms_per_month": self.false_per_month,
            "alarms": [
                {"from": self.place(one.first), "until": self.place(one.last), "regime": one.regime,
                 "worst": self.place(one.worst), "excess": one.excess,
                 "signals": [{"signal": name, "share": share} for name, share in one.shares[:5]]}
                for one in found.alarms
            ],
            "notes": [note.as_json() for note in self.notes],
        }  # fmt: skip


def find_anomalies(
    watched: Watched, *, regime: str = "", regime_signals: Sequence[int] = (), method: Method = "pca",
    false_alarm: float = 0.001, consecutive: int = 1, good: str = "",
) -> FoundAnomalies:  # fmt: skip
    """Search a table of signals for anomalies.

    Parameters
    ----------
    watched : Watched
    regime : str
        Label of the rows that names their regime; empty for none.
    regime_signals : sequence of int
        Columns by which regimes are found, where no label names them.
    method : {"pca", "robust", "forest"}
    false_alarm : float
    consecutive : int
    good : str
        Label that is ``good`` (or empty, or 0) on sound rows; others teach nothing.

    Raises
    ------
    ForgecastError
        If no regime has enough rows.
    """
    table = matrix_of(watched)
    regimes, origin = None, ""
    if regime:
        regimes = np.array(["" if word is None else str(word) for word in watched.labels[regime]], dtype=str)
        origin = regime
    elif regime_signals:
        numbers = find_regimes(table[:, list(regime_signals)])
        regimes, origin = np.where(numbers > 0, numbers.astype(str), ""), "found"
    sound = None
    if good:
        sound = np.array([word is None or str(word) in ("good", "0", "") for word in watched.labels[good]], dtype=bool)
    found = search(table, [column.name for column in watched.columns], regimes=regimes, method=method,
                   false_alarm=false_alarm, consecutive=consecutive, sound=sound)  # fmt: skip
    notes = [*watched.notes, *found.notes]
    if found.judged_share is not None and found.judged_share > 10.0 * false_alarm:
        notes.append(
            text(
                "{share} % of the judged rows lie beyond: the machine has moved away from what was learnt, "
                "which may be "
                "wear, a new setting or another season",
                share=round(100.0 * found.judged_share, 2),
            )
        )
    return FoundAnomalies(watched, found, origin, tuple(notes))
