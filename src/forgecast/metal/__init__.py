"""What metals and the media around them are: properties over temperature, each with its source."""
