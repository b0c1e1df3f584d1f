"""A multi-model chat workspace for the terminal, and a staged pipeline from brief to published text."""

__version__ = "0.1.0"
