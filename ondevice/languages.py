"""In which language a text is, as far as its commonest words tell it, and the stems of that language's words.

Word forms are made one ("Häuser", "Haus") by Snowball's stemmers (Porter & Boulton 2001). English is not among them:
the full-text index stems English words by itself.

A language is told by words that stand in nearly every sentence. Such a list is short, costs some microseconds a text,
and says the same for ever, which an index needs: a word that was put into it must be found again to be taken out.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Stemmer import Stemmer

FEWEST = 2
"""So many different ones of a language's common words a text must have, and more than of any other language."""
MOST_WORDS_READ = 200

ENGLISH = "english"
_COMMON = {
    ENGLISH: "the of and to in is it you that he was for on are with as i his they be at this have from or had by not "
    "but what were we when your can there an which their if will do how about out then she my so me our a s t re ve "
    "ll d m us let her all any one some has been would could should must each other these those just like very too",
    "german": "der die das und ist nicht ich wir mit den dem des von zu zum zur ein eine einen einem einer im auf für "
    "sich auch es wie nach bei aus vom wurde war hat haben sind wird noch nur oder aber wenn dass als über mein meine",
    "french": "le la les des un une et est que qui dans pour pas sur au aux du ce cette il elle nous vous je ne se par "
    "avec son sa ses mais ou où été sont plus mon ma mes notre à d l j",
    "spanish": "el la los las un una y es que de en por para con no se su sus al del lo como más pero fue está muy mi "
    "mis nos ya cuando hay porque",
    "italian": "il lo la gli le un una e è che di in per con non si del della dei delle al alla nel nella sono ho ha "
    "mi ma più anche come questo nostra nostro da dal dalla",
    "portuguese": "o a os as um uma e é que de em por para com não se do da dos das no na nos nas ao mais mas foi está "
    "meu minha eu você muito nosso nossa",
    "dutch": "de het een en is van ik te dat die in niet met voor op zijn er aan ook als bij naar maar om wij we was "
    "heeft hebben werd nog onze mijn uit door",
    "swedish": "och att det som en på är av för med den till inte ett han hon vi jag var har kan från men så ska min "
    "vår efter när",
    "danish": "og at det som en på er af for med den til ikke et han hun vi jeg var har kan fra men så skal min vores "
    "efter når blev",
    "norwegian": "og at det som en på er av for med den til ikke om et han hun vi jeg var har kan fra men så skal min "
    "vår etter når ble",
    "finnish": "ja on ei se että hän oli minä me mutta kun niin myös joka mitä tämä ovat voi kuin vain jos olen meidän "
    "sitten vielä",
    "polish": "i w nie na się z do to że jest jak o ale po co tak za od dla mój moja był była przez przed już tylko są "
    "czy ze we",
    "czech": "a v na se je to že s z do o ale jak po by jsem jsme byl byla bylo pro tak už jen ve od za když můj moje",
    "romanian": "și in în de la cu pe nu a o un că este din pentru sunt dar am fost care ce se ne am au sau noastră",
    "hungarian": "a az és nem hogy egy is van meg de volt csak ez már ha vagy el mint én mi lesz nagyon majd ki be",
    "turkish": "ve bir bu da de için ile çok ne ama gibi daha yok ben biz o mi mı en kadar sonra olarak değil benim",
    "catalan": "el la els les un una i és que de en per amb no es del al dels als com més però va està molt nostra",
    "indonesian": "yang dan di ini itu dengan untuk tidak dari ke akan pada saya kami adalah ada juga sudah bisa oleh",
    "russian": "и в не на что с я он как это по но мы из у за от так же она бы его для был была мой мне были уже вы к",
    "greek": "και το να η ο την του της τα με στο στη για από που δεν είναι θα τον μου ένα μια στην σε τους",
    "arabic": "في من على إلى أن هذا هذه عن مع كان لا ما التي الذي كانت هو هي بعد قبل كل إن أو ثم لم قد",
    "persian": "و در به از که این را با است برای آن یک تا بود می هم بر من ما خود شد",
    "hindi": "है के में की को से का और ने पर नहीं यह हैं था एक भी हो मैं मैंने हम कि थी वह लिए",
    "tamil": "ஒரு என்று இந்த அந்த நான் என் இது அது மற்றும் அவர் உள்ள என நாம் இருந்து",
}
_LANGUAGES_OF: dict[str, tuple[str, ...]] = {}
for _language, _words in _COMMON.items():
    for _word in dict.fromkeys(_words.split()):
        _LANGUAGES_OF[_word] = (*_LANGUAGES_OF.get(_word, ()), _language)

STEMMED = tuple(language for language in _COMMON if language != ENGLISH)
"""The languages whose words are stemmed here."""

_LETTERS = re.compile(r"(?:[^\W\d_]|[\u0900-\u0963\u0b80-\u0bff])+")
"""A word of letters, with the vowel signs of Devanagari and Tamil, which Python takes for no letters."""
_kept = threading.local()


def language_of(text: str) -> str | None:
    """Return the language of a text, one of :data:`STEMMED`; ``None`` where it is English, or cannot be told.

    Args:
        text: Any text, composed (NFC).
    """
    words = {match[0].lower() for match in islice(_LETTERS.finditer(text), MOST_WORDS_READ)}
    counts = Counter(language for word in words for language in _LANGUAGES_OF.get(word, ()))
    if not any(len(word) > 1 and word in _LANGUAGES_OF for word in words):  # letters alone are abbreviations, or a list
        return None
    most = counts.most_common(2)
    if not most or most[0][1] < FEWEST or (len(most) > 1 and most[1][1] == most[0][1]):
        return None
    return None if most[0][0] == ENGLISH else most[0][0]


def stems_of(text: str, language: str) -> list[str]:
    """Return the stems of a text's words that are not their own stems, in the order of the words."""
    stem = _stemmer(language).stemWord
    words = [match.lower() for match in _LETTERS.findall(text)]
    return [made for word in words if (made := stem(word)) != word]


def stems_version() -> str:
    """Return the version of the stemmers: another may give other stems."""
    import Stemmer

    return str(Stemmer.version())


def _stemmer(language: str) -> Stemmer:
    """Return this thread's stemmer of a language, for none may be shared."""
    made: dict[str, Stemmer] = _kept.__dict__.setdefault("made", {})
    if language not in made:
        import Stemmer

        made[language] = Stemmer.Stemmer(language, 0)  # 0: it keeps no words
    return made[language]
