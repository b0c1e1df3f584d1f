"""Files written whole or not at all."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable
from pathlib import Path

from chatspace.adapters.exporters.forms import Form, form_of
from chatspace.core.document import Written
from chatspace.core.errors import UsageError
from chatspace.durable import write_durably


def check_target(path: Path, *, overwrite: bool = False) -> Path:
    """The path, where a file may be written to it. Makes its folder; raises UsageError."""
    if is_file(path) and not overwrite:
        raise UsageError(f"{path} already exists", "it was not overwritten", "Choose another name, or use --overwrite.")
    make_folder(path.parent)
    return path


def is_file(path: Path) -> bool:
    """Whether a file is there. Raises UsageError for what can't be replaced by one."""
    found = _mode(path)
    if found is not None and stat.S_ISDIR(found):
        raise UsageError(f"{path} is a folder", remedy="Choose a file.")
    if found is not None and not stat.S_ISREG(found):
        raise UsageError(f"{path} is not a regular file", "it is a pipe or a device", "Choose a file.")
    return found is not None


def read_file(path: Path) -> bytes | None:
    """What a file holds; None where there is none. Raises UsageError."""
    try:
        return path.read_bytes() if is_file(path) else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"{path} can't be read", _reason(error)) from error


def _mode(path: Path) -> int | None:
    """What stands at the path, or None where nothing does."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{str(path)!r} can't be written", _reason(error), "Choose another path.") from error


def make_folder(folder: Path) -> None:
    """Raises UsageError where it can't be made."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {folder} can't be created", _reason(error), "Choose another folder.") from error


def write_file(path: Path, data: bytes | Iterable[bytes], *, overwrite: bool = False) -> Path:
    """Write it complete or not at all. Raises UsageError."""
    check_target(path, overwrite=overwrite)
    try:
        write_durably(path, data, overwrite=overwrite)
    except FileExistsError:
        raise UsageError(
            f"{path} already exists", "another program has just created it", "Choose another name."
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} can't be written", _reason(error), "Free up disk space, or choose another folder."
        ) from error
    return path


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def content_id(path: Path) -> str | None:
    """The id of what a file holds now, as readers give it; None where there is no file. Raises UsageError."""
    data = read_file(path)
    return None if data is None else f"sha256:{hashlib.sha256(data).hexdigest()}"


def write_back(path: Path, text: str, like: Path | None = None) -> Written:
    """Write a text in the place of a file and in its form; a new file is written as the one that it is made like.

    A text that the encoding can't hold is written as UTF-8.
    """
    form = _form(path) or (_form(like) if like else None) or Form()
    lost = ""
    try:
        data = form.written(text)
    except UnicodeEncodeError as error:
        lost = f"{path.name} was saved as UTF-8: {form.name} has no {error.object[error.start]}"
        data = Form(newline=form.newline).written(text)
    write_file(path, data, overwrite=True)
    return Written(f"sha256:{hashlib.sha256(data).hexdigest()}", lost)


def _form(path: Path) -> Form | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return form_of(data) if data else None
