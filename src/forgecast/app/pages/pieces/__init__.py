"""Pages of the pieces: search, genealogy and life of anything with a number, recall, certificates, labels, grades."""

from importlib import import_module

# In the order in which the navigation lists their pages.
for _name in ("search", "subject", "recall", "certificates", "exchange", "grades"):
    import_module(f"{__name__}.{_name}")
