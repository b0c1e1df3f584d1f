"""The focus in a real terminal: tab and every letter, typed into the prompt at any moment, file nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Conversation
from chatspace.core.workspace.organizer import all_on
from tests.conftest import newest_thread
from tests.model_server import ModelServer, SlowDrip
from tests.terminal import Terminal

pytestmark = pytest.mark.drill  # a whole workspace for each test: the gate runs them

SENTENCE = "pack my box with five dozen liquor jugs PACK MY BOX WITH FIVE DOZEN LIQUOR JUGS"
TAB, SHIFT_TAB, F9, PROMPT = "\t", "\x1b[Z", "\x1b[20~", "Write a message"
TITLES = ("Harbour story", "Pricing memo", "Winter campaign")
SIZES = [(120, 40), (80, 24)]


def filed(store: Store) -> dict[int, Conversation]:
    """The conversations as they are filed, without what a reply changes."""
    found = [*all_on("current", store), *all_on("archived", store), *all_on("trash", store)]
    return {one.id: one for one in found if one.title in TITLES}


@pytest.fixture
def three(store: Store) -> dict[int, Conversation]:
    for title in TITLES:
        store.conversations.create(title)
    return filed(store)


def in_the_prompt(text: str) -> Callable[[str], bool]:
    """Whether a screen has the text in its prompt, however its lines are broken."""
    wanted = text.replace(" ", "")
    return lambda screen: wanted in "".join(screen.split())


@contextmanager
def program(environment: Mapping[str, str], size: tuple[int, int]) -> Iterator[Terminal]:
    with Terminal(env=environment, size=size) as terminal:
        terminal.until(PROMPT)
        yield terminal


def types_everything(terminal: Terminal, before: str = "") -> None:
    typed = before
    for key in (TAB, SHIFT_TAB, TAB + TAB):
        terminal.type(key + SENTENCE)
        typed += SENTENCE
        terminal.until(in_the_prompt(typed))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("before", ["", "Half a sentence "])
def test_tab_and_all_letters_stay_in_the_prompt(
    environment: Mapping[str, str],
    store: Store,
    three: dict[int, Conversation],
    size: tuple[int, int],
    before: str,
) -> None:
    with program(environment, size) as terminal:
        if size[0] >= 100:
            terminal.until("Winter campaign")
        terminal.type(before)
        types_everything(terminal, before)
    assert filed(store) == three


def test_they_stay_right_after_the_start(
    environment: Mapping[str, str], store: Store, three: dict[int, Conversation]
) -> None:
    with program(environment, (120, 40)) as terminal:
        terminal.type(TAB + SENTENCE)
        terminal.until(in_the_prompt(SENTENCE))
        terminal.until("Winter campaign")
        terminal.type(SHIFT_TAB + "adpe")
        terminal.until(in_the_prompt(SENTENCE + "adpe"))
    assert filed(store) == three


@pytest.mark.parametrize("size", SIZES)
def test_they_stay_while_a_reply_streams(
    environment: Mapping[str, str],
    model_server: ModelServer,
    store: Store,
    three: dict[int, Conversation],
    size: tuple[int, int],
) -> None:
    model_server.answer(SlowDrip())
    with program(environment, size) as terminal:
        terminal.send("Tell me everything")
        terminal.until(lambda _: len(newest_thread(store)) == 2 and len(newest_thread(store)[1].text) > 5)
        types_everything(terminal)
        assert newest_thread(store)[1].status == "streaming"
    assert filed(store) == three


@pytest.mark.parametrize("size", SIZES)
def test_they_stay_after_the_history_was_opened_and_put_away(
    environment: Mapping[str, str], store: Store, three: dict[int, Conversation], size: tuple[int, int]
) -> None:
    with program(environment, size) as terminal:
        terminal.type(F9)
        terminal.until("Winter campaign")
        terminal.rest(0.3)
        terminal.type(F9)
        terminal.until(lambda screen: "Winter campaign" not in screen)
        types_everything(terminal)
    assert filed(store) == three


def test_what_one_letter_moved_to_the_trash_comes_back_by_the_key_that_the_notice_names(
    environment: Mapping[str, str], store: Store, three: dict[int, Conversation]
) -> None:
    with program(environment, (80, 24)) as terminal:
        terminal.type(F9)
        terminal.until("Winter campaign")
        terminal.rest(0.3)
        terminal.type("d")
        terminal.until("Moved to trash. u: undo.")
        assert filed(store) != three
        terminal.type("u")
        terminal.until("Undone: moved to trash.")
    assert filed(store) == three
