"""Energy: what carriers amount to in coal and carbon, load curves, balances, baselines and trends."""
