"""Several texts that an app gives at once: labels to choose among, strings that end an answer, requests.

A single text is refused. To Python it is a sequence too, so that ``labels="yes"`` would choose among y, e and s.
"""

from __future__ import annotations

from collections.abc import Iterable


def stops_of(given: Iterable[str]) -> tuple[str, ...]:
    """Return the strings that end an answer.

    Raises:
        TypeError: If it is a single text, or holds anything but texts.
        ValueError: If one is empty.
    """
    stops = texts_of(given, "stop")
    if not all(stops):
        raise ValueError("a stop string must not be empty")
    return stops


def labels_of(given: Iterable[str]) -> tuple[str, ...]:
    """Return the labels to choose among.

    Raises:
        TypeError: If it is a single text, or holds anything but texts.
        ValueError: If there are none, one is empty, or two are the same.
    """
    labels = texts_of(given, "labels")
    n_distinct = len(set(labels))
    if not labels or not all(labels) or n_distinct != len(labels):
        empty = ", one of them empty" if labels and not all(labels) else ""
        raise ValueError(
            f"labels must be distinct and not empty, but there are {len(labels)}, {n_distinct} distinct{empty}"
        )
    return labels


def texts_of(given: Iterable[str], name: str) -> tuple[str, ...]:
    """Return the texts that were given for the argument ``name``.

    Raises:
        TypeError: If it is a single text, or holds anything but texts.
    """
    if isinstance(given, str | bytes | bytearray):
        raise TypeError(f"{name} must be a sequence of texts, not a single one: put it in a list")
    if not isinstance(given, Iterable):
        raise TypeError(f"{name} must be a sequence of texts, not of type {type(given).__name__}")
    texts = tuple(given)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{name} must hold texts only, not one of type {type(text).__name__}")
    return texts
