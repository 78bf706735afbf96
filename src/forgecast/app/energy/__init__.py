"""Pictures of energy: balances, baselines, savings, load, cost, plans and diagnoses."""
