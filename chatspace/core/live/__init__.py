"""Pure folds of events into what is shown: each has `take(event)` and plain attributes."""
