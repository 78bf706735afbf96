"""Ground floor: units, dates, findings, errors, sourced tables and texts; it imports nothing above it."""
