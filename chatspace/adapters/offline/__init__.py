"""What the embedded engine does for each step, by rule: it has no language model, and it invents nothing."""
