"""Files that other programs drop into a folder: taken when whole, never twice."""
