"""Two people made by hand: what they know, what they are asked, and what they forget."""

from __future__ import annotations

from datetime import UTC, datetime

from ondevice.evaluation.people import NotesRequest, Person
from ondevice.records import Draft

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


def _note(item_id: str, text: str, day: int) -> Draft:
    return Draft(id=item_id, text=text, time=datetime(2026, 3, day, 9, 0, tzinfo=UTC))


def _asked(text: str, answer: str, word: str, *evidence: str, category: str = "fact") -> NotesRequest:
    return NotesRequest(
        text=text,
        answer=answer,
        category=category,
        required=((word,),) if evidence else (),
        evidence=evidence,
    )


ANN = Person(
    name="Ann Bell",
    now=NOW,
    drafts=(
        _note("a1", "The cat likes rain and fish.", 1),
        _note("a2", "Lunch with cheese at noon.", 2),
        _note("a3", "A train to Paris leaves at nine.", 3),
        _note("a4", "The guitar concert is in June.", 4),
        _note("a5", "Bread, milk and tea.", 5),
    ),
    requests=(
        _asked("What does the cat like?", "The cat likes rain and fish.", "rain", "a1"),
        _asked("Where does the train go?", "The train goes to Paris.", "Paris", "a3"),
        _asked("What is to be bought?", "Bread, milk and tea.", "milk", "a5"),
        _asked("When is lunch, and when the train?", "At noon, and at nine.", "noon", "a2", "a3", category="two"),
        _asked("Who won the chess game?", "Your notes do not say.", "", category="unsaid"),
    ),
    forgotten=("a3", "a5"),
)
BOB = Person(
    name="Bob Lee",
    now=NOW,
    drafts=(_note("b1", "The piano is sold.", 6), _note("b2", "Rain on Friday.", 7)),
    requests=(
        _asked("What is sold?", "The piano is sold.", "piano", "b1"),
        _asked("What is the dog's name?", "Your notes do not say.", "", category="unsaid"),
    ),
    forgotten=(),
)
