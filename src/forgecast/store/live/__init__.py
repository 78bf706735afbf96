"""Live readings: a log that is durable before it answers, its sealing into files, the tail not sealed yet."""
