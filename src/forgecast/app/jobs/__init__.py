"""Jobs: the worker processes that answer what takes longer than a page may wait."""
