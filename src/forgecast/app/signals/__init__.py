"""Pictures of signals."""
