"""Pages of environment, energy and carbon: stacks by the hour, ledger and reports, energy, carbon."""

# Pages stand in the menu in the order in which they are declared.
# isort: off
from forgecast.app.pages.green import overview
from forgecast.app.pages.green import stacks
from forgecast.app.pages.green import hours
from forgecast.app.pages.green import ledger
from forgecast.app.pages.green import energy
from forgecast.app.pages.green import carbon

__all__ = ["carbon", "energy", "hours", "ledger", "overview", "stacks"]
