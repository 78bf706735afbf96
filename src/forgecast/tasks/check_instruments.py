"""Compare what instruments send with what the record `tag` says of it, before anything is collected."""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.gateway.feed import TagUnits
from forgecast.gateway.instruments import Instruments, kind_of, points_of, read_instruments
from forgecast.ground.finding import Finding, Severity
from forgecast.store.plant_folder import PlantFolder


@dataclass(frozen=True, slots=True)
class CheckedInstruments:
    """What is connected, and what is doubtful about it.

    Parameters
    ----------
    instruments : Instruments
    units : dict of str to str
        Unit of each tag on record; empty where it has none.
    findings : tuple of Finding
        Refused: the value will not be taken.
    """

    instruments: Instruments
    units: dict[str, str]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Return whether everything will be taken."""
        return all(finding.severity is not Severity.REFUSED for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "ok": self.ok,
            "gateways": [
                {
                    "name": one.name,
                    "kind": kind_of(one),
                    "place": one.at,
                    "points": [{"tag": p.tag, "unit": p.unit, "place": p.at} for p in points_of(one)],
                }
                for one in self.instruments.gateways
            ],
            "findings": [finding.as_json() for finding in self.findings],
        }


def check_instruments(plant: PlantFolder) -> CheckedInstruments:
    """Return what `instruments.toml` of a plant connects, and where units and tags do not go together.

    Parameters
    ----------
    plant : PlantFolder

    Raises
    ------
    CaseError
        If `instruments.toml` is missing or wrong.
    """
    instruments = read_instruments(plant.path)
    units = {str(row["id"]): str(row["unit"] or "") for row in plant.records.read("tag")}
    findings: list[Finding] = []
    for name in dict.fromkeys(one.name for one in instruments.gateways):
        of_gateway = TagUnits(units, findings.append, name)
        for gateway, point in instruments.points():
            # A tag that is made from a topic is known when its first message comes.
            if gateway == name and "{" not in point.tag:
                of_gateway.scale(point.tag, point.unit)
    return CheckedInstruments(instruments, units, tuple(findings))
