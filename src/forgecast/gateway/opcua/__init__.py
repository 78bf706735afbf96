"""OPC UA: a client that subscribes, and a small server that simulates an instrument."""
