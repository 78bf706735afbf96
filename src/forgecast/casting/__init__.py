"""How a casting freezes, where it will be unsound, and what feeds it."""
