"""Entries into a prompt within a budget of tokens, whatever the messages around them look like.

Every entry gets a fair share of the budget: what short entries leave goes to the longer ones. Only an entry's long
field is ever shortened, at a word's end where there is one. The same call always gives the same prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ondevice.errors import ContextOverflowError
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.entries import Entry
from ondevice.records import Item

Frame = Callable[[Sequence[str]], tuple[Message, ...]]
"""Puts the entries' texts, perhaps none, into messages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """Messages ready for :meth:`Engine.render`.

    Args:
        messages: What the model reads.
        used: Which items stand in it, as rising indices into the items given.
        order: The same in the order in which they stand: the first is the note with the number 1.
        shown: What of their long fields stands there, in this order too.
        shortened: Of which of them only a part stands there, as rising indices into the items given.
        has_summary: Whether the user's summary stands in it.
        is_numbered: Whether the items have numbers, 1 and up in ``order``, which an answer may name.
    """

    messages: tuple[Message, ...]
    used: tuple[int, ...]
    order: tuple[int, ...]
    shown: tuple[str, ...] = field(repr=False)
    shortened: tuple[int, ...] = ()
    has_summary: bool = False
    is_numbered: bool = False


class _Placed(NamedTuple):
    place: int
    entry: Entry
    cuts: list[int]

    @property
    def full(self) -> str:
        return self.entry.text(self.cuts[-1])

    @property
    def least(self) -> str:
        return self.entry.text(self.cuts[0])


def fit_prompt(
    items: Sequence[Item],
    *,
    entry: Callable[[Item], Entry | None],
    frame: Frame,
    budget_tokens: int,
    count_tokens: Callable[[str], int],
    order: Sequence[int] | None = None,
    learned_tokens: int | None = None,
) -> Prompt:
    """Build messages with as much of ``items``, best first, as the budget lets in.

    An item without an entry, or whose fixed part and first words do not fit, is left out; ``used`` says which stand
    in it.

    Args:
        items: History items, best first.
        entry: Turns an item into its entry, or ``None``.
        frame: What stands around the entries.
        budget_tokens: What the messages' contents may take together.
        count_tokens: Tokens of one content, as the model counts.
        order: The places of all items in the order in which they stand in the frame; by default the best first.
        learned_tokens: What they shall take with items among them, where that is less; a frame may take more.

    Raises:
        ContextOverflowError: If the frame without entries is over the budget.
    """
    standing = range(len(items)) if order is None else order
    measure = _Measure(frame, count_tokens, {place: rank for rank, place in enumerate(standing)})
    alone = measure.total((), ())
    if alone > budget_tokens:
        raise ContextOverflowError(
            f"the request has {alone} tokens, but the prompt may have {budget_tokens}",
            hint="shorten the request, ask for a shorter answer, or open the model with a longer context",
        )
    budget = budget_tokens if learned_tokens is None else min(budget_tokens, learned_tokens)
    placed = _admit(_placed(items, entry), measure, budget)
    texts = [one.full for one in placed]
    if placed and measure.total(placed, texts) > budget:
        texts = _shorten(placed, measure, budget)
    shown = {one.place: one.entry.shown(text) for one, text in zip(placed, texts, strict=True)}
    order = tuple(sorted(shown, key=measure.ranks.__getitem__))
    return Prompt(
        messages=measure.messages(placed, texts),
        used=tuple(shown),
        order=order,
        shown=tuple(shown[place] for place in order),
        shortened=tuple(
            one.place
            for one, text in zip(placed, texts, strict=True)
            if not one.entry.is_whole or shown[one.place] != one.entry.long
        ),
    )


class _Measure:
    """Counts whole messages, since tokens do not add up over the seams between their parts."""

    def __init__(self, frame: Frame, count_tokens: Callable[[str], int], ranks: Mapping[int, int]) -> None:
        self._frame, self.count, self.ranks = frame, count_tokens, ranks
        self._fixed = {message.content: count_tokens(message.content) for message in frame(())}

    def total(self, placed: Sequence[_Placed], texts: Sequence[str]) -> int:
        return sum(map(self._count, self.messages(placed, texts)))

    def messages(self, placed: Sequence[_Placed], texts: Sequence[str]) -> tuple[Message, ...]:
        """Put the texts of entries into the frame, each where its item stands."""
        ranked = sorted(zip(placed, texts, strict=True), key=lambda pair: self.ranks[pair[0].place])
        return self._frame([text for _, text in ranked])

    def _count(self, message: Message) -> int:
        fixed = self._fixed.get(message.content)
        return self.count(message.content) if fixed is None else fixed


def _placed(items: Sequence[Item], entry: Callable[[Item], Entry | None]) -> list[_Placed]:
    entries = ((place, entry(item)) for place, item in enumerate(items))
    return [_Placed(place, one, one.cuts()) for place, one in entries if one is not None]


def _admit(entries: Sequence[_Placed], measure: _Measure, budget: int) -> list[_Placed]:
    """Keep the entries whose least form fits beside that of the better ones."""
    if measure.total(entries, [entry.full for entry in entries]) <= budget:
        return list(entries)
    kept: list[_Placed] = []
    for entry in entries:
        more = [*kept, entry]
        if measure.total(more, [other.least for other in more]) <= budget:
            kept = more
    return kept


def _shorten(placed: Sequence[_Placed], measure: _Measure, budget: int) -> list[str]:
    """Let every entry grow from its least form by its fair share; what it does not use goes to the next."""
    texts = [entry.least for entry in placed]
    limit = measure.total(placed, texts)
    wants = [max(0, measure.count(entry.full) - measure.count(entry.least)) for entry in placed]
    for i, share in enumerate(fair_shares(wants, budget - limit)):
        limit += share
        entry, low, high = placed[i], 0, len(placed[i].cuts) - 1
        while low < high:
            middle = (low + high + 1) // 2
            longer = entry.entry.text(entry.cuts[middle])
            if measure.total(placed, [*texts[:i], longer, *texts[i + 1 :]]) <= limit:
                texts[i], low = longer, middle
            else:
                high = middle - 1
    return texts


def fair_shares(wants: Sequence[int], total: int) -> list[int]:
    """Divide ``total`` so that nobody gets more than they want, and the rest goes to the others equally."""
    shares = [0] * len(wants)
    rest = total
    for taken, i in enumerate(sorted(range(len(wants)), key=wants.__getitem__)):
        shares[i] = min(wants[i], rest // (len(wants) - taken))
        rest -= shares[i]
    return shares
