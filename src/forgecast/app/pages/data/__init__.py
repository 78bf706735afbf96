"""Pages of the data: what is there, files that come in, what each of them said, rows and their history, the trail."""

from importlib import import_module

# In the order in which the navigation lists their pages.
for _name in ("overview", "bring_in", "imports", "records", "enter", "trail"):
    import_module(f"{__name__}.{_name}")
