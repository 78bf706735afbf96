"""Rejects learnt from inspected pieces: honest splits, a model that may say "cannot tell", reasons and a watch."""
