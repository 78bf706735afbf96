"""Pages of forging: estimate, press run, billet, flow stress, ring test."""

# In the order of the menu.
# isort: off
from forgecast.app.pages.forging import estimate
from forgecast.app.pages.forging import press
from forgecast.app.pages.forging import billet
from forgecast.app.pages.forging import flow_stress
from forgecast.app.pages.forging import ring

__all__ = ["billet", "estimate", "flow_stress", "press", "ring"]
