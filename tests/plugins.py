"""Packages with plugins, as they lie on the disk once they are installed."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).with_name("plugin")
SUBTITLES = """\
1
00:00:01,000 --> 00:00:02,000
The Tern 4 costs $4,200.

2
00:00:03,000 --> 00:00:04,000
It is quiet.
"""


def install(folder: Path, name: str, groups: Mapping[str, Mapping[str, str]], summary: str = "") -> None:
    """The metadata of a package, in a folder that is on the path."""
    info = folder / f"{name.replace('-', '_')}-0.3.dist-info"
    info.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.3\nSummary: {summary}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    lines: list[str] = []
    for group, listed in groups.items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in listed.items())]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


def install_sample(folder: Path) -> None:
    """The sample as an installer would leave it, without one."""
    project: Mapping[str, Any] = tomllib.loads((SAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    install(folder, project["name"], project["entry-points"], project["description"])
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SAMPLE / "chatspace_sample", folder / "chatspace_sample", ignore=ignored)


def install_module(folder: Path, name: str, code: str, group: str = "chatspace", attribute: str = "") -> None:
    """A package of one module with this code."""
    install(folder, f"chatspace-{name}", {group: {name: f"its_{name}{attribute}"}})
    (folder / f"its_{name}.py").write_text(code, encoding="utf-8")
