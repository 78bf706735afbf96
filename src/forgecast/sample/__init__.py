"""Sample: a made-up (synthetic) plant's own files for a year, with planted troubles that an assessment must find."""
