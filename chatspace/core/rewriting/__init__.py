"""A passage and its rewrite: what changed, hunk by hunk, and whether it may."""
