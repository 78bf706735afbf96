"""`forgecast rules`: the rulebooks, what is open in them, and what would change a verdict."""
