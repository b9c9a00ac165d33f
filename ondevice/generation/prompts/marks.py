"""Marks: the numbers of notes that a model writes into its answer, as in ``[2] The dentist is on 9 March``.

They are taken out of the text as it comes, so that nobody sees one, and kept with the place where they stood. A mark is
a number of up to three figures in square brackets that stands free, or behind a word that ends its sentence: there is
none in ``a[1] = 3``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_RUN = re.compile(r"(?:\s|\[\d{1,3}\])+")
"""Marks and the white space around them, or white space alone. Nothing stands behind it that could fail, so that no
search goes back into one. (Python before 3.11.5 takes ``(…)++`` for less than stands there: CPython's issue 106052.)"""
_CUT = re.compile(rf"{_RUN.pattern}(?:\[\d{{0,3}})?|\[\d{{0,3}}")
"""At the end of a text, that of which the next piece may make a mark, or text behind one."""
_ENDS = ".!?…"
_CLOSERS = _ENDS + ',;:)]}"\u201d\u2019»'
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Numbers that stood side by side.

    Args:
        place: Where they stood in the text that is left.
        numbers: What stood in the brackets.
        side: Whether they belong to the sentence that ends there or to the one that begins.
    """

    place: int
    numbers: tuple[int, ...]
    side: Literal["before", "behind"]


class MarkFilter:
    """Takes the marks out of a text that comes in pieces, of which one may end inside a mark.

    White space at the very end is dropped, and so is a mark that the answer's end cut off.
    """

    def __init__(self) -> None:
        self._held = ""
        self._last = ""
        self._length = 0
        self._marks: list[Mark] = []

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Those found so far."""
        return tuple(self._marks)

    def push(self, piece: str) -> str:
        """Take the next piece, and return the text that is certain by now, perhaps none."""
        text = self._held + piece
        end = next((each.start() for each in _CUT.finditer(text) if each.end() == len(text)), len(text))
        self._held = text[end:]
        return self._without(text[:end], self._held)

    def finish(self) -> None:
        """End the text: marks at its very end are kept too."""
        run = _RUN.match(self._held)
        self._held = ""
        if run is not None and "[" in run[0]:
            self._take(run[0], "before")

    def _without(self, text: str, rest: str) -> str:
        """Return a certain part of the text without its marks; ``rest`` is what is known of what follows."""
        kept: list[str] = []
        place = 0
        for run in _RUN.finditer(text):
            if "[" not in run[0]:
                continue
            self._keep(text[place : run.start()], kept)
            place = run.end()
            behind = text[place : place + 1] or rest[:1]
            if self._is_text(run[0], behind):
                self._keep(run[0], kept)
                continue
            space, side = self._between(run[0], behind)
            if side == "behind":
                self._keep(space, kept)
                self._take(run[0], side)
            else:
                self._take(run[0], side)
                self._keep(space, kept)
        self._keep(text[place:], kept)
        return "".join(kept)

    def _keep(self, text: str, kept: list[str]) -> None:
        if text:
            kept.append(text)
            self._length += len(text)
            self._last = text[-1]

    def _take(self, run: str, side: Literal["before", "behind"]) -> None:
        self._marks.append(Mark(place=self._length, numbers=tuple(map(int, _NUMBER.findall(run))), side=side))

    def _is_text(self, run: str, behind: str) -> bool:
        """Return whether brackets hang on a word that does not end its sentence, as in a program."""
        hangs = not run[0].isspace() and (self._last.isalnum() or self._last in ("_", "]", ")"))
        ends = "\n" in run or behind in _ENDS
        return hangs and not ends

    def _between(self, run: str, behind: str) -> tuple[str, Literal["before", "behind"]]:
        """Return the white space that stays in the place of marks, and which sentence they belong to."""
        first, last = run.index("["), run.rindex("]") + 1
        before, after = run[:first], run[last:]
        side: Literal["before", "behind"] = "behind"
        if not self._last or behind in _CLOSERS:
            return ("", "before" if self._last else "behind")
        if (not before and self._last not in "\n") or ("\n" in after and "\n" not in before):
            side = "before"
        return max(before, after, key=lambda space: ("\n" in space, len(space))), side
