"""The library of measures as JSON: every cost, life and parameter with source and confidence."""

from __future__ import annotations

from forgecast.planning.library import COST_BASES, kinds


def library_json() -> dict[str, object]:
    """Return the library as every JSON answer shows it."""
    return {
        "measures": [
            {
                "kind": one.id, "title": one.title.as_json(), "cost": one.cost, "cost_basis": one.cost_basis,
                "cost_basis_words": COST_BASES[one.cost_basis].as_json(),
                "yearly_share": one.yearly_share, "lifetime_years": one.lifetime, "delay_years": one.delay,
                "investment_kind": one.investment_kind, "confidence": one.confidence,
                "source": one.source.as_json(),
                "parameters": [
                    {
                        "name": p.name, "value": p.value, "unit": p.unit, "title": p.title.as_json(),
                        "confidence": p.confidence, "source": p.source.as_json(),
                    }
                    for p in one.parameters.values()
                ],
            }
            for one in kinds().values()
        ]
    }  # fmt: skip
