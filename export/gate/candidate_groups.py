"""What a selector is tried on: groups of candidates for the same request, from a file or of our own making."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from export.errors import DatasetError
from export.gate.given_files import read_given
from ondevice.safety.strict_json import parse_json

N_BUILT_IN = 96
MAX_FILE_BYTES = 2 << 30
_PER_GROUP = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class CandidateGroups:
    """Requests, each with the pairs of texts among which a selector chooses.

    Args:
        name: Short, as reports and manifests show it.
        groups: Per request, two pairs or more.
    """

    name: str
    groups: Sequence[Sequence[tuple[str, str]]]

    def __post_init__(self) -> None:
        """Refuse data without a choice in it."""
        if not self.groups:
            raise DatasetError(f"the candidates {self.name!r}: there is no group")
        for number, group in enumerate(self.groups, start=1):
            if len(group) < 2:
                raise DatasetError(f"the candidates {self.name!r}: group {number} leaves nothing to choose")

    @property
    def n_pairs(self) -> int:
        """How many pairs there are in all groups."""
        return sum(len(group) for group in self.groups)

    def __repr__(self) -> str:
        """Show the numbers, never a text."""
        return f"CandidateGroups({self.name!r}, {len(self.groups)} groups, {self.n_pairs} pairs)"


def read_candidate_groups(path: Path) -> CandidateGroups:
    """Read a JSON Lines file: one request a line, ``{"candidates": [{"first": "…", "second": "…"}, …]}``.

    ``second`` may be left out, which means an empty text (a selector that judges prompts alone); blank lines are passed
    over. The name is the file's, without its ending.

    Raises:
        NotFoundError: If there is no such file.
        DatasetError: If a line has another form; it names the file and the line.
        StorageError: If the file cannot be read.
    """
    lines = read_given(path, limit_bytes=MAX_FILE_BYTES).split(b"\n")
    groups = [_group(line, f"{path.name!r}, line {n}") for n, line in enumerate(lines, start=1) if line.strip()]
    return CandidateGroups(name=path.stem, groups=groups)


def built_in_groups() -> CandidateGroups:
    """Make groups of our own, so that the gate runs without any data.

    Each group is one request with the notes that six imagined ways of retrieving would put before it, half of them
    with an answer as the second text. Deterministic.
    """
    groups = []
    for number in range(N_BUILT_IN):
        topic, request = _REQUESTS[number % len(_REQUESTS)]
        turn = number // len(_REQUESTS)
        group = []
        for place in range(_PER_GROUP):
            chosen = [_NOTES[(number * 7 + place * 5 + step * (turn + 3)) % len(_NOTES)] for step in range(place)]
            prompt = " ".join([*chosen, request])
            answer = _ANSWERS[(number + place * (turn + 1)) % len(_ANSWERS)].format(topic)
            group.append((prompt, answer if number % 2 else ""))
        groups.append(group)
    return CandidateGroups(name="built-in", groups=groups)


def _group(line: bytes, where: str) -> list[tuple[str, str]]:
    try:
        value = parse_json(line)
    except ValueError:
        raise DatasetError(f"{where}: the line is not valid JSON") from None
    if not isinstance(value, dict) or set(value) != {"candidates"} or not isinstance(value["candidates"], list):
        raise DatasetError(f"{where}: the line must be an object with the list 'candidates' and nothing else")
    if len(value["candidates"]) < 2:
        raise DatasetError(f"{where}: there must be two candidates or more, not {len(value['candidates'])}")
    return [_pair(entry, f"{where}, candidate {n}") for n, entry in enumerate(value["candidates"], start=1)]


def _pair(entry: object, where: str) -> tuple[str, str]:
    if not isinstance(entry, dict) or not {"first"} <= set(entry) <= {"first", "second"}:
        raise DatasetError(f"{where}: it must be an object with 'first' and perhaps 'second', and nothing else")
    first, second = entry["first"], entry.get("second", "")
    if not isinstance(first, str) or not isinstance(second, str):
        raise DatasetError(f"{where}: 'first' and 'second' must be texts")
    return first, second


_REQUESTS = (
    ("the harbour walk", "Write a title for a note about the harbour walk."),
    ("the bread recipe", "Name the one ingredient I always change in the bread recipe."),
    ("the quarterly report", "Draft the first line of the message about the quarterly report."),
    ("the film evening", "Which genre fits the film evening best?"),
    ("the garden", "Say in one sentence what the garden needs this week."),
    ("the train to the coast", "Suggest when I should book the train to the coast."),
    ("the choir", "Put the news about the choir into a short post."),
    ("the new bicycle", "Rate the new bicycle from one to five and say why."),
    ("the history lecture", "Give the history lecture a headline."),
    ("the neighbour's cat", "Write a friendly line about the neighbour's cat."),
    ("the kitchen shelf", "Summarize what went wrong with the kitchen shelf."),
    ("the language course", "What should I practise next for the language course?"),
)
_NOTES = (
    "Walked along the pier at six; fewer boats than last autumn, and the light was better.",
    "The dough rose for nine hours in the cold room. Rye instead of wheat again.",
    "Numbers for the third quarter are in: costs down, travel up, one client fewer.",
    "We agreed on an old comedy in black and white and nobody fell asleep.",
    "Tomatoes look pale. Rain on four days out of seven, no need to water.",
    "The early connection is cheaper, and the seats by the window face the sea.",
    "Second rehearsal: the altos are too many, the tenors too shy.",
    "Gears slip on the hill behind the school; the shop wants it back on Thursday.",
    "An hour about salt roads and toll houses. The maps were the best part.",
    "A grey cat sleeps on our step every morning and leaves when the post comes.",
    "Screws too short, wall too soft. Bought plugs, a longer drill, and some patience.",
    "Forgot the past tense three times; the teacher smiled and wrote it on the board.",
    "Sent the invoice twice by mistake and said sorry in the shortest possible way.",
    "Five stars: arrived a day early, fits the old bottle, smells of nothing at all.",
    "Too sweet for me, and the packaging would not open without scissors.",
    "Reading about tides, ferries and lighthouses before going to sleep.",
    "Dear all, the meeting moves to Monday at ten; bring the printed version.",
    "Loved the score, found the ending weak, would see it again for the second act.",
    "Short words. No exclamation marks. Start with the thing itself, then the reason.",
)
_ANSWERS = (
    "A quiet hour with {}",
    "I would leave {} as it is and look again next week.",
    "Four out of five, because {} did what was promised and no more.",
    "Everything about {} has to change!",
    "Notes on {}, in the order they came",
    "Could we talk about {} on Monday?",
    "{}: less is more",
)
