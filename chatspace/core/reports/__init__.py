"""What is counted and compared afterwards, and the records that other programs read."""
