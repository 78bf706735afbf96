"""Tests: the import direction (plan), one folder for each room, proofs, books, docs."""
