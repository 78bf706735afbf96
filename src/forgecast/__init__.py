"""Forgecast: a plant's own records in, engineering answers and sourced verdicts out."""

__version__ = "0.1.0"
