"""The LaMP tasks: how an item stands in the prompt, what is searched, and which labels there are.

Source: Salemi et al. 2023, arXiv:2304.11406 (tasks, per-entry and aggregated prompts), and Table 2 of Salemi et al.
2024, arXiv:2404.05970. The templates are literal; the code is our own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ondevice.errors import InputError
from ondevice.generation.prompts.entries import Entry, one_line
from ondevice.records import Item

MOVIE_TAGS = (
    "sci-fi",
    "based on a book",
    "comedy",
    "action",
    "twist ending",
    "dystopia",
    "dark comedy",
    "classic",
    "psychology",
    "fantasy",
    "romance",
    "thought-provoking",
    "social commentary",
    "violence",
    "true story",
)
NEWS_CATEGORIES = (
    "women",
    "religion",
    "politics",
    "style & beauty",
    "entertainment",
    "culture & arts",
    "sports",
    "science & technology",
    "travel",
    "business",
    "crime",
    "education",
    "healthy living",
    "parents",
    "food & drink",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LampTask:
    """One task of the benchmark.

    Args:
        entry: Turns an item into its prompt entry; ``None`` where the item lacks a field of the task.
        join: Puts the entries' texts and the request together.
        query: The searched part of a request (the papers' φ_q).
        labels: The closed set of answers, if there is one.
    """

    entry: Callable[[Item], Entry | None]
    join: Callable[[Sequence[str], str], str]
    query: Callable[[str], str]
    labels: tuple[str, ...] | None = None


def field_text(item: Item, name: str) -> str:
    """Return an item's field as one line, as the prompts show it; empty where there is none."""
    """Return an item's field on one line; empty where it has none."""
    value = item.fields.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a score read from JSON as 4.0 is the label 4
    return "" if value is None else one_line(str(value))


def long_text(item: Item, name: str) -> str:
    """Return an item's long field on one line, or its text where it lacks the field."""
    return field_text(item, name) or one_line(item.text)


def _labelled(template: str, *, label: str, long: str) -> Callable[[Item], Entry | None]:
    """Fill a template with one ``{label}`` and one ``{long}``, in either order."""
    before, after = template.split("{long}")

    def entry(item: Item) -> Entry | None:
        value, text = field_text(item, label), long_text(item, long)
        if not value or not text:
            return None
        return Entry(before=before.replace("{label}", value), long=text, after=after.replace("{label}", value))

    return entry


def _title_only(item: Item) -> Entry | None:
    title = field_text(item, "title")
    return Entry(before=f'"{title}"') if title else None


def _text_only(item: Item) -> Entry | None:
    text = long_text(item, "text")
    return Entry(before='"', long=text, after='"') if text else None


def _in_front(link: str) -> Callable[[Sequence[str], str], str]:
    return lambda texts, request: f"{', and '.join(texts)}{link}{request}" if texts else request


def _behind_title(texts: Sequence[str], request: str) -> str:
    if not texts:
        return request
    head, title, tail = request.partition("title")
    if not title:
        raise InputError(
            "a request of the task LaMP_1 must hold the word 'title', behind which the user's titles stand"
        )
    return f"{head}{title} {', and '.join(texts)}, and{tail}"


def _after(marker: str) -> Callable[[str], str]:
    def query(request: str) -> str:
        _, found, rest = request.partition(marker)
        return rest.strip() if found and rest.strip() else request

    return query


def _both_references(request: str) -> str:
    match = re.search(r'\[1\]: "(.*)" \[2\]: "(.*)"', request, re.DOTALL)
    return f"{match[1]} {match[2]}" if match else request


_PATTERN = ". Following the given patterns "

LAMP_TASKS: dict[str, LampTask] = {
    "LaMP_1": LampTask(entry=_title_only, join=_behind_title, query=_both_references, labels=("[1]", "[2]")),
    "LaMP_2": LampTask(
        entry=_labelled('the tag for the movie: "{long}" is "{label}"', label="tag", long="description"),
        join=_in_front(". "),
        query=_after("description:"),
        labels=MOVIE_TAGS,
    ),
    "LaMP_2N": LampTask(
        entry=_labelled('the category for the article: "{long}" is "{label}"', label="category", long="text"),
        join=_in_front(". "),
        query=_after("article:"),
        labels=NEWS_CATEGORIES,
    ),
    "LaMP_3": LampTask(
        entry=_labelled('{label} is the score for "{long}"', label="score", long="text"),
        join=_in_front(". "),
        query=_after("review:"),
        labels=("1", "2", "3", "4", "5"),
    ),
    "LaMP_4": LampTask(
        entry=_labelled('"{label}" is the title for "{long}"', label="title", long="text"),
        join=_in_front(". "),
        query=_after("article:"),
    ),
    "LaMP_5": LampTask(
        entry=_labelled('"{label}" is the title for "{long}"', label="title", long="abstract"),
        join=_in_front(_PATTERN),
        query=_after("paper:"),
    ),
    "LaMP_6": LampTask(
        entry=_labelled('"{label}" is the title for "{long}"', label="title", long="text"),
        join=_in_front(". "),
        query=_after(":"),
    ),
    "LaMP_7": LampTask(entry=_text_only, join=_in_front(f" are written by a person{_PATTERN}"), query=_after(":")),
}
