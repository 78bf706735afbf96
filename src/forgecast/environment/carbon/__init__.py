"""Carbon: dated factors, the inventory of a site, the footprint of a product, and what CBAM asks for it."""
