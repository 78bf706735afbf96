"""Commands of `forgecast condition`."""
