"""The high-quality-development index: indicators as data, score intervals, ranks, frontier, peers, benchmarks."""
