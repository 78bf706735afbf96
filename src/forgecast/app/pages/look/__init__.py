"""The look of the pages: theme, typefaces, pictograms."""
