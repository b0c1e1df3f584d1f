"""The parts of the transcript: entries, cut into blocks, rendered to lines, stacked on a sheet, painted as strips."""
