"""The commands of `forgecast hj212`."""
