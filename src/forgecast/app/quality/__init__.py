"""Pictures of quality: control charts, scatter by level, operating characteristics, defects in their order."""
