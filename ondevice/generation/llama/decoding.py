"""From tokens' bytes to pieces of text: whole characters only, no thoughts, and nothing of a stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from ondevice.generation.prompts.texts import stops_of
from ondevice.generation.prompts.thoughts import ThoughtSplitter


class TextPieces:
    """Collects bytes and hands out text as soon as it is sure to belong to the answer.

    A character whose bytes span tokens comes out when it is complete; bytes that are no UTF-8 become U+FFFD. A text
    end that may be the beginning of a stop string is held back until it is decided. Thoughts go elsewhere
    (:meth:`take_thought`), and stop nothing.
    """

    def __init__(self, stop: Sequence[str], thinking: ThoughtSplitter | None = None) -> None:
        """Watch for the stop strings, and for thoughts, which the prompt may have begun.

        Raises:
            TypeError: If ``stop`` is a single text, or holds anything but texts.
            ValueError: If a stop string is empty.
        """
        self._stop = stops_of(stop)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._thought = ""
        self.thinking = thinking or ThoughtSplitter()
        self.is_stopped = False

    def push(self, data: bytes) -> str:
        """Add a token's bytes and return the text that is now certain, perhaps none."""
        if self.is_stopped:
            return ""
        thought, answer = self.thinking.push(self._decoder.decode(data))
        self._thought += thought
        return self._push(answer)

    def _push(self, answer: str) -> str:
        self._held += answer
        found = [place for stop in self._stop if (place := self._held.find(stop)) >= 0]
        if found:
            self.is_stopped = True
            text, self._held = self._held[: min(found)], ""
            return text
        sure = len(self._held) - self._undecided()
        text, self._held = self._held[:sure], self._held[sure:]
        return text

    def finish(self) -> str:
        """Return what was held back, now that no more comes; the bytes of an incomplete character are dropped."""
        thought, answer = self.thinking.finish()
        self._thought += thought
        text = "" if self.is_stopped else self._push(answer)
        text, self._held = text + self._held, ""
        return text

    def take_thought(self) -> str:
        """Return what was thought since this was asked before."""
        thought, self._thought = self._thought, ""
        return thought

    def _undecided(self) -> int:
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            end = self._held[-length:]
            if any(stop.startswith(end) for stop in self._stop):
                return length
        return 0
