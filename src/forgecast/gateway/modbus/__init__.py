"""Modbus TCP: registers polled in few requests, and a small server that simulates an instrument."""
