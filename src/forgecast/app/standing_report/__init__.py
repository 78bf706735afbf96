"""The report on where a plant stands, as PDF and as one HTML file."""
