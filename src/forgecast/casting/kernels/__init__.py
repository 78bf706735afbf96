"""Compiled loops over cells: arrays in, arrays out."""
