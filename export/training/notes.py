"""What a trained model's folder says of its training: what a bundle made of it must know, and the line for its card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from export.errors import ConversionError
from ondevice.bundle import Cut, FoldSpec, SelectorSpec
from ondevice.bundle.sections import parse_fold
from ondevice.errors import ManifestError, StorageError
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular
from ondevice.safety.strict_json import parse_json

RETRIEVER_NAME, SELECTOR_NAME, GROUPS_NAME = "ropg.json", "rspg.json", "candidates.jsonl"
PAPER = "https://arxiv.org/abs/2404.05970"
MAX_NOTE_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrieverNote:
    """How an encoder was trained.

    Args:
        passages: The id of the encoder whose vectors its queries search, or ``None`` if it has its own.
        training_data: What it was trained on, in one line.
        learned_fold: From which of two folds of users it learned, or ``None``.
    """

    passages: str | None
    training_data: str
    learned_fold: FoldSpec | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorNote:
    """How a selector was trained.

    Args:
        pool: The retrievers that it chooses among.
        k: Items of each in a prompt.
        margin: The lead below which outputs are judged too.
        default: The retriever that stands where no other leads it clearly.
        lead_pre: By how much another must lead it where prompts are judged.
        lead_post: The same for outputs.
        max_tokens: Longer candidates are cut to this.
        cut: What they lose.
        groups: The file of the held-out users' candidates.
        training_data: What it was trained on, in one line.
        learned_fold: From which of two folds of users it learned, or ``None``.
    """

    pool: tuple[str, ...]
    k: int
    margin: float
    default: str
    lead_pre: float
    lead_post: float
    max_tokens: int
    cut: Cut
    groups: Path
    training_data: str
    learned_fold: FoldSpec | None

    def spec(self) -> SelectorSpec:
        """Return what a device must know of it."""
        return SelectorSpec(
            max_tokens=self.max_tokens,
            pool=self.pool,
            k=self.k,
            margin=self.margin,
            default=self.default,
            lead_pre=self.lead_pre,
            lead_post=self.lead_post,
            cut=self.cut,
        )


def read_retriever_note(folder: Path) -> RetrieverNote | None:
    """Return what ``train ropg`` noted, or ``None`` for an encoder of other origin.

    Raises:
        ConversionError: If the note is something else.
        StorageError: If it cannot be read.
    """
    value = _read(folder / RETRIEVER_NAME)
    if value is None:
        return None
    try:
        config = value["config"]
        return RetrieverNote(
            passages=str(value["encoder"]) if config["shape"] == "query" else None,
            training_data=f"{config['objective']} on {_data(value)}",
            learned_fold=_fold(value),
        )
    except (KeyError, TypeError, ManifestError):
        raise _unknown(folder, RETRIEVER_NAME) from None


def read_selector_note(folder: Path) -> SelectorNote | None:
    """Return what ``train rspg`` noted, or ``None`` for a selector of other origin; raises as for retrievers."""
    value = _read(folder / SELECTOR_NAME)
    if value is None:
        return None
    try:
        return SelectorNote(
            pool=tuple(map(str, value["pool"])),
            k=int(value["k"]),
            margin=float(value["margin"]),
            default=str(value["default"]),
            lead_pre=float(value["leads"].get("pre", 1.0)),
            lead_post=float(value["leads"].get("post", 1.0)),
            max_tokens=int(value["config"]["max_tokens"]),
            cut=_cut(value),
            groups=folder / GROUPS_NAME,
            training_data=f"a choice among {', '.join(value['pool'])} on {_data(value)}",
            learned_fold=_fold(value),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ManifestError):
        raise _unknown(folder, SELECTOR_NAME) from None


def _data(value: dict[str, Any]) -> str:
    fit = value["fit"]
    tasks = ", ".join(value["tasks"])
    return f"{fit['n_examples']} questions of {value['n_users']} users ({tasks}), answered by {value['model']}"


def _cut(value: dict[str, Any]) -> Cut:
    """Return what a candidate loses; a note from before this was noted is of a selector that reads in brief."""
    found = value.get("cut", "end")
    if found not in get_args(Cut):
        raise ValueError
    return cast("Cut", found)


def _fold(value: dict[str, Any]) -> FoldSpec | None:
    """Return whom it learned from; a note from before this was noted tells of no fold."""
    found = value.get("learned_fold")
    return None if found is None else parse_fold(found)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = parse_json(read_regular(path, limit_bytes=MAX_NOTE_BYTES).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (NotRegularError, TooLongError):
        raise _unknown(path.parent, path.name) from None
    except OSError as error:
        raise StorageError(f"the file {path.name!r} cannot be read: {error.strerror}") from None
    except ValueError:
        raise _unknown(path.parent, path.name) from None
    return value if isinstance(value, dict) else {}


def _unknown(folder: Path, name: str) -> ConversionError:
    return ConversionError(
        f"the file {name!r} in {folder.name!r} does not say how the model was trained", hint="train it again"
    )
