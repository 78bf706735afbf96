"""Ways out of the plant for a message: e-mail and webhook."""
