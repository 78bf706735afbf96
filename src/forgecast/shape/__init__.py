"""Solids: read, repaired, measured, and cut into cells."""
