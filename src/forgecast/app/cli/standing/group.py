"""The group `forgecast standing` and its commands, each loaded when it is called."""

from __future__ import annotations

import click

from forgecast.app.cli.bilingual import BilingualGroup, language_option
from forgecast.ground.texts import text


def _score() -> click.Command:
    from forgecast.app.cli.standing.score import score  # noqa: PLC0415

    return score


def _evidence() -> click.Command:
    from forgecast.app.cli.standing.evidence import evidence  # noqa: PLC0415

    return evidence


def _peers() -> click.Command:
    from forgecast.app.cli.standing.peers import peers  # noqa: PLC0415

    return peers


def _cluster() -> click.Command:
    from forgecast.app.cli.standing.cluster import cluster  # noqa: PLC0415

    return cluster


def _duties() -> click.Command:
    from forgecast.app.cli.standing.duties import duties  # noqa: PLC0415

    return duties


def _incentives() -> click.Command:
    from forgecast.app.cli.standing.incentives import incentives  # noqa: PLC0415

    return incentives


def _grade() -> click.Command:
    from forgecast.app.cli.standing.grade import grade  # noqa: PLC0415

    return grade


def _report() -> click.Command:
    from forgecast.app.cli.standing.report import report  # noqa: PLC0415

    return report


@click.group(
    cls=BilingualGroup,
    name="standing",
    sentence=text("See where the plant stands: what its records prove, its score, its peers, its duties and grades."),
    later={
        "score": _score,
        "evidence": _evidence,
        "peers": _peers,
        "cluster": _cluster,
        "grade": _grade,
        "duties": _duties,
        "incentives": _incentives,
        "report": _report,
    },
)
@language_option
def standing() -> None:
    """Hold the commands of the plant's standing together."""
