"""`forgecast casting`: measure a part, freeze it, design its risers and gates."""
