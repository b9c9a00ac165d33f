"""What a profile offers for the user's rights: the articles of the GDPR, and the commands that serve each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One article, and what serves it.

    Args:
        number: Of Regulation (EU) 2016/679.
        right: What it is about.
        plainly: What the user can do, in the user's words.
        offers: What the profile offers, for whoever has to show it.
        commands: What to type.
    """

    number: int
    right: str
    plainly: str
    offers: str
    commands: tuple[str, ...]


ARTICLES: tuple[Article, ...] = (
    Article(
        number=15,
        right="access",
        plainly="See everything that is held about you.",
        offers="every item with its earlier wordings; what is held by kind, since when, from where and for how long; "
        "what was learned, and from how many items",
        commands=("ondevice inventory --with-texts --page FILE", "ondevice list", "ondevice show ID"),
    ),
    Article(
        number=16,
        right="rectification",
        plainly="Correct what is wrong.",
        offers="an item can be changed; what was learned from its earlier wording is named as stale",
        commands=("ondevice update ID",),
    ),
    Article(
        number=17,
        right="erasure",
        plainly="Delete one thing, many, or all of it.",
        offers="an item goes with all that was made from it, files are read back, and a signed receipt says so; items "
        "can expire; a whole profile can be ended",
        commands=("ondevice forget ID", "ondevice prune", "ondevice destroy"),
    ),
    Article(
        number=20,
        right="portability",
        plainly="Take it along, in a form that other programs can read.",
        offers="all items with their earlier wordings as JSON Lines in a documented form",
        commands=("ondevice export FILE",),
    ),
    Article(
        number=30,
        right="records of processing",
        plainly="See what was done with it, and when.",
        offers="this inventory as JSON; an event log in which no entry can be changed unseen. Purposes, legal basis "
        "and recipients are for the controller to state",
        commands=("ondevice inventory --json",),
    ),
    Article(
        number=35,
        right="impact assessment",
        plainly="Have it checked how well it is protected.",
        offers="an audit with evidence for the technical measures, and a list of what was not tested. Necessity and "
        "risks to people are for the controller to assess",
        commands=("ondevice audit",),
    ),
)
