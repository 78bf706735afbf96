"""Compiled loops over the readings of one tag, ascending in time: arrays in, arrays out."""
