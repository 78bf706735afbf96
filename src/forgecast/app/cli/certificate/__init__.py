"""The commands of `forgecast certificate`, each in a file of its own."""
