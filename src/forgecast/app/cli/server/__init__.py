"""Commands of the server's people and plants, for whoever runs the machine it stands on."""
