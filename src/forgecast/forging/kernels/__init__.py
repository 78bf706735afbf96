"""Loops over the elements of a forming run."""
