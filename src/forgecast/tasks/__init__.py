"""Tasks: one file for each thing a person comes to do; every door calls these."""
