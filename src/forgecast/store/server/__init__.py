"""The server's own database: who may come in, what is asked for and not yet answered, what is half written."""
