"""Pages of the casting studio: runs, a new run, its result, runs compared, gating, interface, materials."""

from forgecast.app.pages.casting import compare, gate, interface, materials, new, result, runs  # noqa: F401
