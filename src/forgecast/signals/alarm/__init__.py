"""Alarms by the states of ISA-18.2 and IEC 62682: what rings, who has seen it, and whether it should ring at all."""
