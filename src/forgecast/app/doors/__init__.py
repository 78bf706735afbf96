"""What can be asked of a plant over the network: one door each, opened by the REST API and by the pages alike."""
