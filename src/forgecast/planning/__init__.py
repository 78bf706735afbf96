"""Measures with costs, effects and interactions, and the cheapest portfolio that reaches chosen goals."""
