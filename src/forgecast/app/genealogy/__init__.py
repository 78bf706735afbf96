"""Genealogy: the picture of a trace, and tables of a recall to hand on."""
