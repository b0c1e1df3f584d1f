"""The files that people edit: profiles, policies, pipelines, channels, metadata fields, the model table."""

from chatspace.adapters.profiles.library import ProfileFiles

__all__ = ["ProfileFiles"]
