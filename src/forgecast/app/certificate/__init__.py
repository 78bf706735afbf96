"""Inspection documents as pages: both languages side by side, with the hash of their contents as a QR code."""
