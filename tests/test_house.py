"""No class, function or chain of bases of the package is larger than the house allows."""

from pathlib import Path

import pytest

from tests.house import FUNCTION_LINES, SINGLE_BASES, House

COMPOSITION_ROOT = "chatspace.wiring.Workspace"
"""Has a line for every adapter and use case, and does nothing else."""


@pytest.fixture(scope="module")
def house() -> House:
    return House()


def test_no_class_is_larger_than_a_class_may_be(house: House) -> None:
    large = [size for size in house.sizes if not size.fits]
    assert [size for size in large if size.name != COMPOSITION_ROOT] == []


def test_few_classes_are_made_for_a_single_subclass(house: House) -> None:
    assert len(house.single_bases) <= SINGLE_BASES, house.single_bases


def test_no_function_is_longer_than_a_function_may_be(house: House) -> None:
    assert [each for each in house.functions if each[0] > FUNCTION_LINES] == []


MADE = """
from typing import Protocol

class Base:
    def one(self): ...
    def two(self): ...

class PanelScreen(Base):
    def three(self): ...

class Other(Base):
    def four(self): ...

class Helper:
    def __init__(self, screen: PanelScreen):
        self._screen = screen
    def write(self):
        self._screen.title = ""

class Reader:
    def __init__(self, screen: PanelScreen):
        self.title = screen.title

def entitle(screen: PanelScreen):
    screen.title = ""

class Asks(Protocol):
    def ask(self): ...

class Asked(Asks):
    def ask(self): ...

class Failure(Exception): ...
class Worse(Failure): ...
"""


@pytest.fixture
def made(tmp_path: Path) -> House:
    package = tmp_path / "chatspace"
    package.mkdir()
    (package / "made.py").write_text(MADE)
    return House(tmp_path)


def test_a_class_is_counted_with_its_bases_and_with_what_writes_its_attributes(made: House) -> None:
    sizes = {size.name.rpartition(".")[2]: size for size in made.sizes}
    assert sizes["PanelScreen"].methods == 3 + 2 + 1
    assert sizes["Other"].methods == 3
    assert "Asks" not in sizes


def test_a_protocol_and_an_exception_may_have_one_subclass(made: House) -> None:
    assert made.single_bases == []


def test_a_class_with_one_subclass_is_found(made: House, tmp_path: Path) -> None:
    (tmp_path / "chatspace" / "more.py").write_text(
        "from chatspace.made import PanelScreen\nclass Wide(PanelScreen): ...\n"
    )
    assert House(tmp_path).single_bases == ["chatspace.made.PanelScreen"]
