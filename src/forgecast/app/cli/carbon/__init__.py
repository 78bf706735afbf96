"""`forgecast carbon`: inventory, product footprints, CBAM."""
