"""Safety watch: signals that come before harm, how long there is left, and the incident as a record."""
