"""Word lists by which names are told apart: short on purpose, since a name found by rule is only a candidate."""

from __future__ import annotations

from chatspace.core.text.word_lists import pairs_of, word_lists

_LISTS = word_lists("names")
TITLES = _LISTS["titles"]
FIRST_NAMES = _LISTS["first names"]
PLACES = _LISTS["places"]
PLACE_HEADS = _LISTS["place heads"]
ORGANIZATION_HEADS = _LISTS["organization heads"]
ACRONYMS_THAT_ARE_NO_NAMES = _LISTS["acronyms that are no names"]
NO_NAMES = _LISTS["no names"]
PEOPLES = _LISTS["peoples"]
SHORT_NAMES = _LISTS["short names"]
ROLES = _LISTS["roles"]
SPEECH = _LISTS["speech"]
LEGAL_FORMS = _LISTS["legal forms"]
_IN_GERMAN = pairs_of("names", "exonyms")
EXONYMS = _IN_GERMAN | {german: english for english, german in _IN_GERMAN.items()}
"""English names of places to German ones and back."""
