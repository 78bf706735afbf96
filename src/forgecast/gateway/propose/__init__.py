"""Proposals of what a messy table means, made from its headers, units and values; a person decides."""
