"""Sessions: what the user does on a screen, tested without a terminal."""
