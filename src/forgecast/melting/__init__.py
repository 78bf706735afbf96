"""Melting: the cheapest charge, its correction in the furnace, cooling curves and the balance of metal."""
