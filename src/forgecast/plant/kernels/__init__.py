"""Loops over the links of a genealogy: arrays in, arrays out."""
