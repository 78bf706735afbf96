"""`forgecast forging`: one file for each command."""
