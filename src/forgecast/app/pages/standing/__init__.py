"""Standing: the index and what would raise it, evidence, peers, ladders, duties, incentives, and the plan."""

from forgecast.app.pages.standing import (  # noqa: F401
    duties,
    evidence,
    incentives,
    ladders,
    peers,
    plan,
    score,
)
