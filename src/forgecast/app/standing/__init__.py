"""Pictures of where a plant stands."""
