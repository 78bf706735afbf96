"""What a plant's files say: bytes on disk in, record rows, readings and findings out; nothing is written."""
