"""Plant: the records a site keeps (heats, pieces, meters, stacks …) and what their fields mean."""
