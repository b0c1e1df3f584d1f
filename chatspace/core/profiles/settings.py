"""The settings: what a user changes once and finds again at the next start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from chatspace.core.profiles.options import DEFAULT_CHANNEL, DEFAULT_SLA, SLAS

if TYPE_CHECKING:
    from chatspace.core.profiles.profile import Sla

Value = str | int | bool

KEYS = "keys"
"""The table of the file that holds the keys by the id of their action."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What stands in the file, or the defaults. `keys` are comma-separated key names by the id of an action."""

    theme: str = "chatspace"
    side_list: bool = True
    text_width: int = 90
    profile: str = ""
    channel: str = DEFAULT_CHANNEL
    sla: Sla = DEFAULT_SLA
    language: str = ""
    tone: str = ""
    audience: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the file: what it does, and what may stand there. `empty` says what no text means, where it may."""

    name: str
    explanation: str
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    empty: str = ""

    @property
    def default(self) -> Value:
        value = getattr(DEFAULTS, self.name)
        assert isinstance(value, str | int)
        return value

    @property
    def allowed(self) -> str:
        if isinstance(self.default, bool):
            return "true or false"
        if isinstance(self.default, int):
            return f"a whole number from {self.least} to {self.most}"
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return "text in quotes" + (f"; empty: {self.empty}" if self.empty else "")

    def fault(self, value: object) -> str:
        """Why the value can't stand there; empty where it can."""
        if type(value) is not type(self.default):
            return f"{value!r} is not {self.allowed}"
        if isinstance(value, bool):
            return ""
        if isinstance(value, int):
            return "" if self.least <= value <= self.most else f"{value} is not {self.allowed}"
        text = str(value)
        if self.choices and text not in self.choices:
            return f"{text!r} is not {self.allowed}"
        if not text.isprintable():
            return "it contains a control character"
        return "" if text.strip() or self.empty else "it is empty"


DEFAULTS = Settings()

SETTINGS: tuple[Setting, ...] = (
    Setting("theme", "The colour theme. ansi-dark and ansi-light use the terminal's own colours."),
    Setting("side_list", "Whether to show the history beside the conversation if there is room."),
    Setting("text_width", "The maximum width of a column of text, in characters.", least=40, most=200),
    Setting("profile", "The profile that answers your messages.", empty="chat"),
    Setting("channel", "The channel of your texts: blog, ad, social, or another from channels.yaml."),
    Setting("sla", "The trade-off between speed, cost and quality.", choices=SLAS),
    Setting("language", 'The language of replies, as a code ("de").', empty="the language you write in"),
    Setting("tone", 'The tone that recipes request ("warm, plain").', empty="the recipe's own"),
    Setting("audience", 'The intended readers ("heating engineers").', empty="no specific readers"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a setting. `place` is its name, with the table's before it for a key."""

    place: tuple[str, ...]
    reason: str
    remedy: str = ""


def settings_from(read: Mapping[str, Any]) -> tuple[Settings, Sequence[Fault]]:
    """The settings of a file as it was parsed; what is wrong keeps its default and is told."""
    known = {setting.name: setting for setting in SETTINGS}
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in read.items():
        if name == KEYS:
            continue
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"The settings are {', '.join(known)}."
            faults.append(Fault((name,), "unknown setting", hint))
        elif reason := known[name].fault(value):
            faults.append(Fault((name,), reason, f"Allowed: {known[name].allowed}."))
        else:
            values[name] = value
    keys, wrong = _keys(read.get(KEYS, {}))
    return Settings(**values, keys=keys), [*faults, *wrong]


def _keys(table: Any) -> tuple[Mapping[str, str], Sequence[Fault]]:
    if not isinstance(table, Mapping):
        return {}, [Fault((KEYS,), "it is not a table", f"Write [{KEYS}] on a line of its own.")]
    keys: dict[str, str] = {}
    faults: list[Fault] = []
    for action, value in _flat(table):
        listed = value if isinstance(value, list) else [value]
        if all(isinstance(key, str) and key.strip() for key in listed) and listed:
            keys[action] = ",".join(listed)
        else:
            faults.append(
                Fault(
                    (KEYS, action), f"{value!r} is not a key", 'Write a key as "ctrl+y"; separate several with commas.'
                )
            )
    return keys, faults


def _flat(table: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """TOML takes chat.new = ... for a table in a table: both ways of writing an id mean the same."""
    found: list[tuple[str, Any]] = []
    for name, value in table.items():
        found += _flat(value, f"{before}{name}.") if isinstance(value, Mapping) else [(before + name, value)]
    return found


assert {setting.name for setting in SETTINGS} | {KEYS} == {each.name for each in fields(Settings)}
