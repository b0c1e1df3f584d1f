"""The layers of the conversation's screen, each upon the one before: frame, moving, sending, acting."""
