"""Pages of the casting studio: runs, a new run, its result, runs compared, gating, interface, materials."""

# In the order of the menu.
# isort: off
from forgecast.app.pages.casting import runs
from forgecast.app.pages.casting import new
from forgecast.app.pages.casting import result
from forgecast.app.pages.casting import compare
from forgecast.app.pages.casting import gate
from forgecast.app.pages.casting import interface
from forgecast.app.pages.casting import materials

__all__ = ["compare", "gate", "interface", "materials", "new", "result", "runs"]
