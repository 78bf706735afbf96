"""Signals: time series of a plant and what can be said about their quality."""
