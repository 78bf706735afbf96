"""Compiled loops over triangles and cells: arrays in, arrays out."""
