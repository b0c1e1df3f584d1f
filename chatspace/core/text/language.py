"""Which of a few languages a text is in, by its commonest words: no model, no data files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache


def word_set(listed: str) -> frozenset[str]:
    """The words of a list as people write it, between spaces."""
    return frozenset(listed.split())


STOPWORDS: Mapping[str, frozenset[str]] = {
    "en": word_set(
        """a about above after again against all also although am an and any are as at be because been before being
        below between both but by can could did do does doing down during each either else ever every few for from
        further had has have having he her here hers him his how however i if in into is it its itself just let like
        made make many may me might more most much must my near neither no nor not now of off often on once one only
        onto or other our ours out over own per rather said same say says shall she should since so some still such
        than that the their them then there these they this those though through thus to too toward under until up
        upon us very was we were what when where whether which while who whom whose why will with within without
        would yet you your"""
    ),
    "de": word_set(
        """aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bereits bin bis
        bist da dabei dafür damit dann daran darauf das dass dazu dem den denn der deren des dessen die dies diese
        diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er erst es etwa euch euer für
        gegen habe haben hat hatte hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede
        jedem jeden jeder jedes kann kein keine keinen können könnte man mehr mein mit nach nicht nichts noch nun nur
        ob oder ohne rund schon sehr sein seine seinem seinen seiner seit sich sie sind so sollte sondern sowie statt
        über um und uns unser unsere unter viel vom von vor war waren was weil wenn wer werden wie wieder wir wird
        wurde wurden zu zum zur zwischen"""
    ),
    "fr": word_set(
        """afin ainsi alors après au aucun aussi autre autres aux avant avec avoir car ce cela ces cet cette ceux chaque
        chez comme contre dans de depuis des deux donc dont du elle elles en encore entre est et été être eux fait il
        ils je jusque la là le les leur leurs lors lui mais même moins mon ne ni nos notre nous on ont ou où par parce
        pas pendant peu peut plus pour pourquoi puis quand que quel quelle qui sa sans se ses si son sont sous sur ta
        tandis te tes ton tous tout toute toutes très tu un une vers vos votre vous était étaient"""
    ),
    "es": word_set(
        """a al algo algunas algunos ante antes así aunque bajo bien cada como con contra cual cuando de del desde donde
        dos durante e el ella ellas ellos en entre era eran es esa ese eso esta está están estas este esto estos fue
        fueron ha han hasta hay la las le les lo los más me mi mientras muy nada ni no nos nosotros nuestra nuestro o
        os otra otro otros para pero poco por porque pues que qué quien se sea según ser si sí sido sin sobre son su
        sus también tanto te tiene todo todos tras tu un una unas uno unos y ya yo"""
    ),
}

_LANGUAGES_WITH: Mapping[str, tuple[str, ...]] = {
    word: tuple(code for code, words in STOPWORDS.items() if word in words)
    for word in frozenset().union(*STOPWORDS.values())
}
_SAMPLE = 20_000
_MIN_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language, judged by the first 20,000 characters; None where too little speaks for one."""
    return _language_of(text[:_SAMPLE])


@lru_cache(maxsize=64)  # whoever looks for anything in a text asks
def _language_of(sample: str) -> str | None:
    scores = dict.fromkeys(STOPWORDS, 0)
    for word, count in Counter(_WORD.findall(sample)).items():
        for code in _LANGUAGES_WITH.get(word.lower(), ()):
            scores[code] += count
    best, second = sorted(scores, key=lambda code: (-scores[code], code))[:2]
    clear = scores[best] >= _MIN_WORDS and scores[best] > 1.2 * scores[second]
    return best if clear else None
