"""Doors: the command line and the reports; they call tasks and show what comes back."""
