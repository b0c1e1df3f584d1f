"""Profiles and endpoints written for the user."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Container
from pathlib import Path

from chatspace.core.errors import ConfigurationError, UsageError
from chatspace.core.profiles.profile import TIERS, TierProvider
from chatspace.durable import write_durably

LONGEST = 48


def add(folder: Path, name: str, taken: Container[str], text: str) -> Path:
    """Write `<name>.md` into the folder, with a number behind the name where there is such a profile already."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:LONGEST].rstrip("-._") or "model"
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    try:
        for free in (each for each in names if each not in taken):
            path = folder / f"{free}.md"
            try:
                write_durably(path, text.encode(), overwrite=False)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"The profile can't be written to {folder}",
            reason,
            "Free up disk space, or check the folder's permissions.",
        ) from error
    raise AssertionError("unreachable: there is always another number")


MODELS_HEAD = """\
# What the tiers auto/light, auto/balanced and auto/large stand for here, beside the table that chatspace brings along.
providers:
"""


def add_provider(folder: Path, provider: TierProvider, check: Callable[[], object]) -> Path:
    """Put an entry at the end of `models.yaml`; `check` raises where the file would then be wrong, and undoes it."""
    path = folder / "models.yaml"
    lines = [f"  {json.dumps(provider.name)}:", f"    api_base: {json.dumps(provider.api_base)}"]
    lines += [f"    key_env: {provider.key_env}"] if provider.key_env else []
    lines += [
        f"    {tier.partition('/')[2]}: {json.dumps(provider.models[tier], ensure_ascii=False)}" for tier in TIERS
    ]
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else None
        text = (MODELS_HEAD if before is None else f"{before.rstrip()}\n") + "\n".join(lines) + "\n"
        write_durably(path, text.encode())
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f"{path} can't be written", str(error), "Free up disk space, or check the folder's permissions."
        ) from error
    try:
        check()
    except ConfigurationError:
        path.unlink() if before is None else write_durably(path, before.encode())
        raise
    return path
