"""Labels of pieces: a QR code or DataMatrix beside the words a person reads, as SVG, PNG or sheets for a printer."""
