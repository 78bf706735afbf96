"""Quality: scrap, yield and their signals from pieces, shots and production; arrays in, arrays out."""
