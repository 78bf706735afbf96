"""`forgecast melting`: one file for each command."""
