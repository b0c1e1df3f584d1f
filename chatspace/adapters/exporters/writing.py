"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from chatspace.core.errors import UsageProblem


def check_target(path: Path, *, overwrite: bool = False) -> Path:
    """The path, where a file may be written to it. Makes its folder; raises UsageProblem."""
    if path.is_dir():
        raise UsageProblem(f"{path} is a folder", remedy="Name a file.")
    if path.exists() and not overwrite:
        raise UsageProblem(
            f"{path} exists", "it is not written over unasked", "Choose another name, or use --overwrite."
        )
    make_folder(path.parent)
    return path


def make_folder(folder: Path) -> None:
    """Raises UsageProblem where it can't be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageProblem(f"The folder {folder} can't be made", _reason(error), "Choose another folder.") from error


def write_file(path: Path, data: bytes, *, overwrite: bool = False) -> Path:
    """Write to a temporary file beside it and rename: a reader sees the old file or the new one, never a part."""
    check_target(path, overwrite=overwrite)
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        if overwrite:
            temporary.replace(path)
        else:
            _claim(temporary, path)
    except OSError as error:
        raise UsageProblem(
            f"{path} can't be written", _reason(error), "Free room on the disk, or choose another folder."
        ) from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                temporary.unlink()
    return path


def _claim(temporary: Path, path: Path) -> None:
    """Give the file its name, unless somebody else took it meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise UsageProblem(f"{path} exists", "it was made meanwhile", "Choose another name.") from None
    except OSError:  # a file system without hard links
        temporary.replace(path)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
