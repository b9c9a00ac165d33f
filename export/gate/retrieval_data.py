"""What a retriever is tried on: passages, queries, what each query searches, and judgements if there are any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from export.errors import DatasetError
from ondevice.errors import InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalData:
    """One set of retrieval tasks; passages and queries are named by their place.

    Args:
        name: Short, as reports and manifests show it.
        passages: The texts that are searched.
        queries: The texts that search.
        candidates: Per query, the passages that it searches (a user's own profile, one conversation).
        relevant: Per query, the passages judged relevant; ``None`` where nobody judged.
        n_left_out: Queries of the source that have no place here, such as those without evidence.
    """

    name: str
    passages: Sequence[str]
    queries: Sequence[str]
    candidates: Sequence[Sequence[int]]
    relevant: Sequence[frozenset[int]] | None = None
    n_left_out: int = 0

    def __post_init__(self) -> None:
        """Refuse data on which nothing could be measured."""
        if not self.queries:
            raise DatasetError(f"the retrieval data {self.name!r} has no query")
        if len(self.candidates) != len(self.queries):
            self._refuse(f"it has {len(self.queries)} queries, but candidates for {len(self.candidates)}")
        if self.relevant is not None and len(self.relevant) != len(self.queries):
            self._refuse(f"it has {len(self.queries)} queries, but judgements for {len(self.relevant)}")
        for number, chosen in enumerate(self.candidates, start=1):
            if not chosen or len(set(chosen)) != len(chosen):
                self._refuse(f"query {number} must search one or more passages, each named once")
            if min(chosen) < 0 or max(chosen) >= len(self.passages):
                self._refuse(f"query {number} searches a passage that is none of the {len(self.passages)}")
        for number, (chosen, judged) in enumerate(zip(self.candidates, self.relevant or (), strict=False), start=1):
            if not judged or not judged <= set(chosen):
                self._refuse(f"query {number} must have relevant passages, all among those it searches")

    def spread(self, limit: int) -> RetrievalData:
        """Return at most ``limit`` of the queries, evenly taken, with the passages they need and no other."""
        if limit < 1:
            raise ValueError(f"limit must be 1 or more, not {limit}")
        if limit >= len(self.queries):
            return self
        chosen = [index * len(self.queries) // limit for index in range(limit)]
        used = sorted({passage for index in chosen for passage in self.candidates[index]})
        place = {passage: number for number, passage in enumerate(used)}
        return RetrievalData(
            name=self.name,
            passages=[self.passages[passage] for passage in used],
            queries=[self.queries[index] for index in chosen],
            candidates=[[place[passage] for passage in self.candidates[index]] for index in chosen],
            relevant=None
            if self.relevant is None
            else [frozenset(place[passage] for passage in self.relevant[index]) for index in chosen],
            n_left_out=self.n_left_out + len(self.queries) - limit,
        )

    def __repr__(self) -> str:
        """Show the numbers, never a text."""
        judged = "judged" if self.relevant is not None else "not judged"
        return f"RetrievalData({self.name!r}, {len(self.passages)} passages, {len(self.queries)} queries, {judged})"

    def _refuse(self, reason: str) -> None:
        raise DatasetError(f"the retrieval data {self.name!r}: {reason}")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the device's error about a file of a wrong form into the builder's.

    Raises:
        DatasetError: In place of an ``InputError``, whose message names the file, the record and the field already.
    """
    try:
        yield
    except InputError as error:
        place = "" if path.name in error.message else f"{path.name}: "
        raise DatasetError(f"{place}{error.message}", hint=error.hint) from None
