"""Commands of the signals: what comes in from the instruments, whether it can be trusted, and what rings."""
