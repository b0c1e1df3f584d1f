"""Sources that go along with messages: read, gated without a model, and shown as they would be sent."""

from __future__ import annotations

from pathlib import Path

from chatspace.core.chat.attachment import Attachment
from chatspace.core.document import Source
from chatspace.core.ports import Reader
from chatspace.core.text.length import words
from chatspace.core.text.tokens import estimate_tokens


class Attachments:
    """Reads what is to be attached. All of this takes its time with a long source: to be called from a thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, path: Path) -> Attachment:
        """A file, read and gated. Raises SourceError with what to do."""
        path = path.expanduser()
        source = self._reader.read(path)
        try:
            size = path.stat().st_size
        except OSError:  # gone since
            size = len(source.text.encode("utf-8"))
        return self.gated(source, size)

    def gated(self, source: Source, size: int | None = None) -> Attachment:
        """What the gate says of a source; `size` is that of its file in bytes, by default that of its text."""
        from chatspace.core.stages.gate import check_extraction  # the parsers load with it
        from chatspace.core.structure import parse

        return Attachment(
            source,
            check_extraction(parse(source.text)),
            len(source.text.encode("utf-8")) if size is None else size,
            words(source.text),
            estimate_tokens(source.text),
        )
