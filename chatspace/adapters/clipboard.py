"""The system's clipboard."""

from __future__ import annotations

from chatspace.core.errors import UsageProblem


class SystemClipboard:
    """Puts text on the clipboard by the tool that the system has for it."""

    def yank(self, text: str) -> str:
        """The name of the tool that took it. Raises UsageProblem where there is none or it failed."""
        import pyperclip  # looks for its tools when imported

        try:
            pyperclip.copy(text)
        except (pyperclip.PyperclipException, OSError) as error:
            raise UsageProblem(
                "No tool of this system took the text",
                str(error).strip().split("\n")[0],
                "Install xclip, xsel or wl-clipboard.",
            ) from error
        return "the system's clipboard"
