"""Pages of the melt shop: heats, one heat, charge, correction, cooling curve, fading, the balance of metal."""

from importlib import import_module

# In the order in which the navigation lists their pages.
for _name in ("heats", "heat", "charge", "correct", "curve", "balance"):
    import_module(f"{__name__}.{_name}")
