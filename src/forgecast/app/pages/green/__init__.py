"""Pages of environment, energy and carbon: stacks by the hour, ledger and reports, energy, carbon."""

from forgecast.app.pages.green import carbon, energy, hours, ledger, overview, stacks

__all__ = ["carbon", "energy", "hours", "ledger", "overview", "stacks"]
