"""Pages of the melt shop: heats, one heat, charge, correction, cooling curve, fading, the balance of metal."""

from forgecast.app.pages.melting import balance, charge, correct, curve, heat, heats

__all__ = ["balance", "charge", "correct", "curve", "heat", "heats"]
