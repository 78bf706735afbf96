"""A casting run in three dimensions for the browser: surfaces with values, cavities, the inside for sections."""
