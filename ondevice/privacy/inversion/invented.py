"""Texts of invented people: what an attacker learns from, and what the attack is tried on first.

Nothing of any user is needed to learn the attack, and nothing of the audited one is used. The two parts share neither
names, nor topics, nor wordings.
"""

from __future__ import annotations

from ondevice.evaluation.people import Split, make_people

N_LEARNED, N_TRIED = 30, 6
_TALKS = 10


def learned_texts() -> list[str]:
    """Return what the attack learns from."""
    return _texts(N_LEARNED, "train")


def tried_texts() -> list[str]:
    """Return what it has never seen, to tell whether it works at all."""
    return _texts(N_TRIED, "held_out")


def _texts(n_people: int, split: Split) -> list[str]:
    people = make_people(n_people, split=split, talks=_TALKS)
    return [draft.text for person in people for draft in person.drafts]
