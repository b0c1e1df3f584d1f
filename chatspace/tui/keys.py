"""The keys: which actions there are, and what the user's own keys for them do.

An action is named by the `id` of its Binding. A class of the workspace (the app, a screen, a widget) is one part: in
it, a key means one thing.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key

import chatspace.tui
from chatspace.core.profiles.settings import KEYS, Fault
from chatspace.tui.writing import NAMES, types

MODIFIERS = ("ctrl", "shift", "alt", "super", "meta", "hyper")
THE_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+left_square_bracket": "escape"}
"""Keys that a terminal can't tell from others."""

UNDO = "app.undo"
RENAMED = {"history.undo": UNDO, "desk.undo": UNDO}
"""Ids that settings of former versions may hold; the new one goes first where both are there."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action with an id: its keys as shipped, and the parts that it works in, each with all its bindings."""

    id: str
    description: str
    keys: tuple[str, ...]
    priority: bool
    parts: tuple[type[DOMNode], ...]


def actions() -> Mapping[str, Action]:
    """Every action of the workspace by its id. Imports all places: nothing for the first frame."""
    for module in pkgutil.walk_packages(chatspace.tui.__path__, "chatspace.tui."):
        import_module(module.name)
    found: dict[str, Action] = {}
    for part in _parts(DOMNode):
        for binding in _bindings(part):
            if binding.id:
                known = found.get(binding.id)
                found[binding.id] = Action(
                    binding.id,
                    binding.description,
                    tuple(dict.fromkeys((*(known.keys if known else ()), *normal_keys(binding.key)))),
                    binding.priority or bool(known and known.priority),
                    (*(known.parts if known else ()), part),
                )
    return dict(sorted(found.items()))


def checked(keys: Mapping[str, str]) -> tuple[Mapping[str, str], Sequence[Fault]]:
    """The user's keys that can hold, and what is wrong with the others."""
    known = actions()
    keys = renamed(keys)
    kept: dict[str, str] = {}
    faults: list[Fault] = []
    for id_, listed in keys.items():
        reason, remedy = _fault(id_, listed, known)
        if reason:
            faults.append(Fault((KEYS, id_), reason, remedy))
        else:
            kept[id_] = ",".join(normal_keys(listed))
    while clash := _clash(kept, known):
        id_, reason = clash
        del kept[id_]
        faults.append(Fault((KEYS, id_), reason, "Choose another key, or move the other action too."))
    return kept, faults


def renamed(keys: Mapping[str, str]) -> Mapping[str, str]:
    """The user's keys by the ids that actions have now."""
    former = {RENAMED[id_]: listed for id_, listed in keys.items() if id_ in RENAMED}
    return {**former, **{id_: listed for id_, listed in keys.items() if id_ not in RENAMED}}


def normal_keys(listed: str) -> tuple[str, ...]:
    """`ctrl+Y, ?` as Textual has it: `ctrl+y`, `question_mark`."""
    return tuple(_normal(key.strip()) for key in listed.split(",") if key.strip()) or ("comma",)


def _normal(key: str) -> str:
    head, _, last = (
        (key[:-2], "", "+") if key.endswith("++") else key.rpartition("+") if len(key) > 1 else ("", "", key)
    )
    if head or len(last) > 1:
        last = last.lower()
    named = _character_to_key(last) if len(last) == 1 else last
    return "+".join((*(modifier.strip().lower() for modifier in head.split("+") if modifier), named))


def _fault(id_: str, listed: str, known: Mapping[str, Action]) -> tuple[str, str]:
    if id_ not in known:
        near = get_close_matches(id_, known, 1)
        return "unknown action", f"Did you mean {near[0]}?" if near else "f2 in the workspace lists them."
    for key in normal_keys(listed):
        *modifiers, last = key.split("+")
        if any(modifier not in MODIFIERS for modifier in modifiers) or not _is_key(last):
            return f"{key!r} is not a key", "Keys are as ctrl+y, f7, shift+up, space, or one character."
        if key in THE_SAME:
            return f"a terminal can't tell {key} from {THE_SAME[key]}", "Choose another key."
        if known[id_].priority and types(key):
            return f"{key!r} alone would be taken from what you type", "Use it with ctrl, or a function key."
    return "", ""


def _is_key(name: str) -> bool:
    if name in NAMES or len(name) == 1:
        return True
    return any(_character_to_key(chr(code)) == name for code in range(0x20, 0x7F))


def _clash(keys: Mapping[str, str], known: Mapping[str, Action]) -> tuple[str, str] | None:
    """The first of the user's keys that means something else already where its action works.

    What the app itself binds works in every part; undo gives way to a part that has a use of its own for the key.
    """
    every = {part for action in known.values() for part in action.parts}
    app = {part for part in every if issubclass(part, App)}
    for id_, listed in keys.items():
        own = set(known[id_].parts)
        parts = every if app & own and id_ != UNDO else app | own
        for binding in (binding for part in parts for binding in _bindings(part) if part in own or binding.id != UNDO):
            now = keys.get(binding.id or "", binding.key)
            shared = set(listed.split(",")) & set(normal_keys(now))
            if binding.id != id_ and shared:
                return id_, f"{min(shared)} is {binding.description or binding.action} already"
    return None


def _parts(root: type[DOMNode]) -> Iterator[type[DOMNode]]:
    """The classes of the workspace, without Textual's own."""
    seen: set[type[DOMNode]] = set()
    waiting = [root]
    while waiting:
        for part in waiting.pop().__subclasses__():
            if part not in seen:
                seen.add(part)
                waiting.append(part)
                if part.__module__.startswith(chatspace.tui.__name__):
                    yield part


def _bindings(part: type[DOMNode]) -> list[Binding]:
    """Those of a class and of the classes of the workspace that it is made from."""
    return [
        binding
        for each in part.__mro__
        if each.__module__.startswith(chatspace.tui.__name__)
        for binding in Binding.make_bindings(each.__dict__.get("BINDINGS", ()))
    ]
