"""In which language a text is, by its commonest words, and the stems of its words."""

from __future__ import annotations

import threading

import pytest

from ondevice.languages import STEMMED, language_of, stems_of, stems_version


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der Kessel im Keller wurde vom Klempner repariert.", "german"),
        ("Notre chat a dû aller chez le vétérinaire pour son oreille.", "french"),
        ("El tren a la costa llegó con dos horas de retraso.", "spanish"),
        ("Ho comprato il pane e anche le uova per la nonna.", "italian"),
        ("O senhorio quer mais dinheiro para o apartamento.", "portuguese"),
        ("De trein naar de kust was twee uur te laat.", "dutch"),
        ("Jag har köpt bröd och mjölk till frukosten.", "swedish"),
        ("Kupiłem chleb, ale nie ma mleka.", "polish"),
        ("Поезд на море опоздал на два часа, и мы ждали.", "russian"),
        ("Αγόρασα ψωμί και γάλα για το πρωινό.", "greek"),
        ("मैंने बाज़ार में किताब खरीदी और घर आया।", "hindi"),
        ("Our cat had to go to the vet because of its ear.", None),
        ("The trip to El Paso and Los Angeles was on Monday.", None),
        ("Thanks! It's a team shooter game.", None),
        ("Yeah! Let's explore some new dance moves. We should plan a dance session soon!", None),
        ("Zahnarzt Dienstag", None),
        ("我们的猫因为耳朵去看了兽医。", None),
        ("", None),
    ],
)
def test_the_language_is_told_where_enough_speaks_for_it(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_one_word_over_and_over_tells_no_language() -> None:
    assert language_of("ja ja ja ja") is None


def test_forms_of_a_word_have_one_stem() -> None:
    assert stems_of("Häuser, Häusern; Haus!", "german") == ["haus", "haus"]
    assert set(stems_of("किताब किताबें किताबों", "hindi")) == {"किताब"}


def test_every_language_has_a_stemmer_in_every_thread() -> None:
    made: list[str] = []
    thread = threading.Thread(target=lambda: made.extend(str(stems_of("wortes", language)) for language in STEMMED))
    thread.start()
    thread.join()
    assert made == [str(stems_of("wortes", language)) for language in STEMMED]
    assert stems_version()
