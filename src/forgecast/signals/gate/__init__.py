"""The quality gate: what is doubtful in readings, before anything is concluded from them."""
