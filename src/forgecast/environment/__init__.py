"""Environment: what a stack emitted, from concentration, oxygen, moisture and flow; arrays in and out."""
