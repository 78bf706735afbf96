"""Carbon on paper: the data sheet a producer gives to the importer of its goods."""
