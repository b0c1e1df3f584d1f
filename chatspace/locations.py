"""Where configuration, data and profiles live."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "CHATSPACE_HOME"


def configuration_folder() -> Path:
    """`$CHATSPACE_HOME`, else the platform's folder for a user's configuration."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).expanduser()
    from platformdirs import user_config_path

    return user_config_path("chatspace", appauthor=False)


def data_folder() -> Path:
    """`$CHATSPACE_HOME`, else the platform's folder for a user's data."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).expanduser()
    from platformdirs import user_data_path

    return user_data_path("chatspace", appauthor=False)


def database() -> Path:
    return data_folder() / "chatspace.db"


def settings_file() -> Path:
    return configuration_folder() / "settings.toml"


def own_profiles() -> Path:
    """Where the user's own profiles are written."""
    return configuration_folder() / "profiles"


def shipped_profiles() -> Path:
    """Inside the package where it is installed, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "profiles"
    return installed if installed.is_dir() else package.parent / "profiles"


def profile_folders(extra: Path | None = None) -> tuple[Path, ...]:
    """The folders in which profiles are looked up, the first file of a name wins."""
    return (*((extra,) if extra else ()), own_profiles(), shipped_profiles())
