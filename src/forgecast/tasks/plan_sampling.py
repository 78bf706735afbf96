"""Plan acceptance sampling: the smallest plan for two agreed risks, or what a given plan lets through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.quality.acceptance_sampling import Counting, SinglePlan, smallest_plan
from forgecast.quality.scrap import FloatArray

_POINTS = 201


@dataclass(frozen=True, slots=True, eq=False)
class PlannedSampling:
    """A single plan and what it does.

    Parameters
    ----------
    plan : SinglePlan
    counting : Counting
    good, bad : float
        Shares at which the two risks are stated [1].
    producers_risk, consumers_risk : float
        Of this plan at those shares.
    share, accepted, outgoing : (n,) float64 array
        Operating characteristic and mean outgoing share over the incoming share.
    worst_outgoing : (float, float) or None
        Highest mean outgoing share (AOQL) and the incoming share it comes from; None for draws from a small lot.
    notes : tuple of Text
    """

    plan: SinglePlan
    counting: Counting
    good: float
    bad: float
    producers_risk: float
    consumers_risk: float
    share: FloatArray
    accepted: FloatArray
    outgoing: FloatArray
    worst_outgoing: tuple[float, float] | None
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return plan, risks and curve."""
        worst = self.worst_outgoing
        return {
            "sample": self.plan.sample,
            "acceptance": self.plan.acceptance,
            "lot": self.plan.lot,
            "counting": self.counting,
            "good_share": self.good,
            "bad_share": self.bad,
            "producers_risk": self.producers_risk,
            "consumers_risk": self.consumers_risk,
            "worst_outgoing_share": None if worst is None else worst[0],
            "worst_outgoing_at": None if worst is None else worst[1],
            "curve": {"share": self.share.tolist(), "accepted": self.accepted.tolist()},
            "notes": [note.as_json() for note in self.notes],
        }


def plan_sampling(
    good: float,
    bad: float,
    *,
    producers_risk: float = 0.05,
    consumers_risk: float = 0.10,
    lot: int | None = None,
    counting: Counting | None = None,
    given: tuple[int, int] | None = None,
) -> PlannedSampling:
    """Find the smallest single plan that keeps both risks, or judge a given one.

    Parameters
    ----------
    good, bad : float
        Shares of bad pieces that are to be accepted, and refused [1].
    producers_risk, consumers_risk : float
    lot : int or None
        Pieces in the lot; given, the sample is drawn from it without replacement.
    counting : Counting or None
        None counts pieces, drawn from the lot where there is one.
    given : (int, int) or None
        Sample and acceptance number of a plan to be judged.

    Raises
    ------
    ForgecastError
        If the numbers make no plan, or no plan keeps both risks.
    """
    how: Counting = counting or ("lot" if lot is not None else "binomial")
    if given is None:
        plan = smallest_plan(
            good, bad, producers_risk=producers_risk, consumers_risk=consumers_risk, counting=how, lot=lot
        )
    else:
        plan = SinglePlan(given[0], given[1], lot)
    risks = plan.risks(good, bad, counting=how)
    widest = min(1.0, 2.0 * bad) if how != "poisson" else 2.0 * bad
    share = np.linspace(0.0, widest, _POINTS)
    worst = None if how == "lot" else plan.worst_outgoing_share(counting="poisson" if how == "poisson" else "binomial")
    notes = (
        text(
            "The tables of GB/T 2828.1 (ISO 2859-1) are not shipped: this plan is computed from the risks you state "
            "and is not the plan of that standard for the same AQL. Where a contract names the standard, take the plan "
            "from your copy and judge it with --plan."
        ),
    )
    return PlannedSampling(
        plan, how, good, bad, risks[0], risks[1], share,
        plan.acceptance_probability(share, counting=how), plan.outgoing_share(share, counting=how), worst, notes,
    )  # fmt: skip
