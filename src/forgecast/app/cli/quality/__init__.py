"""Commands of quality: charts, capability, gauges, scatter, sampling, defects, failure modes, containment, rejects."""
