"""Pages of the melt shop: heats, one heat, charge, correction, cooling curve, fading, the balance of metal."""

# In the order in which the navigation lists their pages.
# isort: off
from forgecast.app.pages.melting import heats
from forgecast.app.pages.melting import heat
from forgecast.app.pages.melting import charge
from forgecast.app.pages.melting import correct
from forgecast.app.pages.melting import curve
from forgecast.app.pages.melting import balance

__all__ = ["balance", "charge", "correct", "curve", "heat", "heats"]
