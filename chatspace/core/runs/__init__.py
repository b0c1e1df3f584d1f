"""A run: the pipeline, its plan, its payload, its state and its record."""
