"""Conversations: their messages, turns, titles, attachments, comparisons and openings."""
