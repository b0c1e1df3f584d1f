"""A file written so that it is there complete or not at all, also after the power went."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path


def write_durably(path: Path, data: bytes | Iterable[bytes], *, overwrite: bool = True) -> None:
    """Write to a temporary file beside it, give that the name, and sync both the file and its folder.

    A reader sees the old file or the new one, never a part. A new file gets the mode that the umask says, an
    overwritten one keeps its own; a link that is overwritten is followed. Makes the folder. Raises OSError;
    FileExistsError where `overwrite` is false and another program has taken the name.
    """
    import secrets  # loads a tenth of what the first frame needs

    target = path.resolve() if overwrite and path.is_symlink() else path
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        with temporary.open("xb") as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            with contextlib.suppress(FileNotFoundError):
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
        else:
            _claim(temporary, target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    _sync_folder(target.parent)


def _claim(temporary: Path, path: Path) -> None:
    """Give the file its name, unless somebody else took it meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(path) from None
        temporary.replace(path)


def _sync_folder(folder: Path) -> None:
    """So that the new name outlasts a power cut; some systems and file systems can't."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
