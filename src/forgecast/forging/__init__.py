"""What a forging takes: load and work, the ring that tells friction, billets that cool, presses and hammers."""
