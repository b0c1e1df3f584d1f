"""Long conversations and long replies: what is done doesn't grow with what isn't looked at. Counted, not timed."""

from __future__ import annotations

from chatspace import locations
from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Role
from tests.model_server import ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, Seat

PARAGRAPH = "The harbour was quiet that winter, and nobody heard the pumps. " * 12


def rendered(seat: Seat) -> int:
    """The blocks that hold lines now."""
    return sum(block.lines is not None for item in seat.transcript.sheet.items.things for block in item.blocks.things)


def opened(seat: Seat) -> int:
    return sum(item.opened for item in seat.transcript.sheet.items.things)


async def test_two_thousand_messages_open_at_the_end_and_only_what_is_looked_at_is_rendered(
    open_workspace: Open, served: ModelServer
) -> None:
    roles: tuple[Role, Role] = ("user", "assistant")
    with Store(locations.database()) as store:
        conversation, parent = store.conversations.create("long").id, None
        for number in range(2000):
            parent = store.messages.add(conversation, parent, roles[number % 2], f"{number}. {PARAGRAPH}").id
    async with open_workspace() as seat:
        await seat.open_newest()
        await seat.until(lambda: len(seat.entries) == 2000)
        assert opened(seat) < 20
        await seat.pilot.press("escape", "pageup", "pageup", "g")
        assert any("0. The harbour" in seat.transcript.render_line(y).text for y in range(10))
        await seat.pilot.press("G")
        assert any("1999. The harbour" in seat.transcript.render_line(y).text for y in range(40))
        assert opened(seat) < 60
        await seat.exchange("One more")
        assert opened(seat) < 70


async def test_a_reply_of_a_megabyte_streams_opens_and_scrolls_with_few_blocks_rendered(
    open_workspace: Open, served: ModelServer
) -> None:
    text = "\n\n".join(f"{number}. {PARAGRAPH}" for number in range(1_000_000 // len(PARAGRAPH)))
    served.script(Reply(text, chunk=20_000))
    async with open_workspace() as seat:
        await seat.send("Everything")
        await seat.until(lambda: len(seat.entries) == 2 and seat.entries[1].text)
        await seat.until(lambda: seat.entries[1].status == "complete")
        assert len(seat.entries[1].text) == len(text)
    async with open_workspace() as seat:
        await seat.open_newest()
        await seat.until(lambda: len(seat.entries) == 2)
        await seat.pilot.press("escape", "pageup", "pageup", "pageup", "g", "G")
        assert rendered(seat) < 200


async def test_the_reader_is_not_dragged_to_the_end_and_g_goes_there(open_workspace: Open, served: ModelServer) -> None:
    served.script(Reply("\n\n".join(f"Line {number}" for number in range(60))), SlowDrip(0.2))
    async with open_workspace((80, 24)) as seat:
        await seat.exchange("One")
        await seat.send("Two")
        await seat.until(lambda: len(seat.entries) == 4 and seat.entries[3].text)
        seat.screen.set_focus(seat.transcript)
        await seat.pilot.press("g")
        top = seat.transcript.render_line(1).text
        below = seat.screen.query_one("#below")
        await seat.until(lambda: below.display)
        assert seat.transcript.render_line(1).text == top
        await seat.pilot.press("G")
        await seat.until(lambda: not below.display)
        assert seat.transcript.window.at_end
        await seat.pilot.press("g")
        await seat.until(lambda: below.display)
        await seat.pilot.click("#below")
        await seat.until(lambda: seat.transcript.window.at_end)
