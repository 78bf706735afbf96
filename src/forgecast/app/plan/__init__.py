"""Pictures and files of a plan."""
