"""Homes for the program under measurement: settings, profiles whose model says what it answers, a history."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import CLOSED, ENDPOINT_VARIABLES, ROOT


@contextmanager
def fresh_home() -> Iterator[Path]:
    """A folder for CHATSPACE_HOME with an empty file of settings, so that nobody is welcomed."""
    with tempfile.TemporaryDirectory(prefix="chatspace-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        (home / "settings.toml").touch()
        yield home


def environment(home: Path) -> Mapping[str, str]:
    """What the program gets on top of this process's environment; no key leads anywhere.

    Compiled modules are kept, as they are of what is installed.
    """
    cleared = {name: "" for name in os.environ if ENDPOINT_VARIABLES.fullmatch(name)}
    own = {"CHATSPACE_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    return {**cleared, **own, "OLLAMA_HOST": CLOSED}


def add_profile(home: Path, name: str, url: str, model: str) -> None:
    """A chat profile that goes to the server at this address."""
    folder = home / "profiles"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(
        f"---\nstep: chat\nmodel: openai/{model}\napi_base: {url}\n---\nYou are measured.\n", encoding="utf-8"
    )
