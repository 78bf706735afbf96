"""Pictures, tables and folders of forging."""
