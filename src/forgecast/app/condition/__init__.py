"""Pictures of machines' condition, and the page of a fault card."""
