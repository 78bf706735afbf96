"""`forgecast energy`: one file for each command."""
