"""EPCIS 2.0 in JSON-LD: events of a plant written for others, and those of others read into records."""
