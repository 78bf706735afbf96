"""What a charge and a cooling curve leave in a folder: a picture and a summary."""
