"""Commands of the environment: hours, ledger, report, mass, sand, waste, emergency."""
