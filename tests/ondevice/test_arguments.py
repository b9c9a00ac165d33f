"""A value of the wrong type is refused before anything is done, with what to write instead."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, TypedDict, Unpack

import pytest

import ondevice
import ondevice.learned
from ondevice import Contrast, Draft, Filter, Sampling
from ondevice.arguments import EXAMPLES, checks_arguments, require_noun
from ondevice.generation.prompts.chat import Message


class Options(TypedDict, total=False):
    """Options that several methods share."""

    sampling: Sampling | None
    k: int


@checks_arguments
class Door:
    """Takes what the public methods take."""

    def __init__(self, config: Sampling | None = None) -> None:
        self.config = config

    def search(self, query: str, *, filter: Filter | None = None) -> object:
        return filter

    def forget(self, selection: str | Sequence[str] | Filter, *, everything: bool = False) -> object:
        return selection

    def add_many(self, drafts: Iterable[Draft], *, on_progress: Callable[[int, int], None] | None = None) -> object:
        return drafts

    def plan(self, *, contrast: Contrast | EllipsisType | None = ..., earlier: Sequence[Message] = ()) -> object:
        return contrast, earlier

    def generate(self, request: str, **options: Unpack[Options]) -> object:
        return options

    @classmethod
    def open(cls, path: str, *, config: Sampling | None = None) -> Door:
        return cls(config)

    @staticmethod
    def judge(filter: Filter) -> Filter:
        return filter

    def count(self, limit: int) -> int:
        return limit


CHOSEN = Filter(kinds=("a",))
DRAFT = Draft(text="x")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda door: door.search("q", filter={"kinds": ["x"]}),
            'filter is a Filter, not a dict: write Filter(kinds=("note",))',
        ),
        (lambda door: door.search("q", filter="secret"), "filter is a Filter, not a str"),
        (lambda door: door.search("q", filter=0), "filter is a Filter, not an int"),
        (lambda door: door.search("q", filter=Filter), "filter is a Filter, not a type"),
        (lambda door: door.forget({"kinds": ["x"]}), "selection is a str or a list of str or a Filter, not a dict"),
        (lambda door: door.forget(selection=3), "selection is a str or a list of str or a Filter, not an int"),
        (
            lambda door: door.add_many([DRAFT, {"text": "secret"}]),
            'each of drafts is a Draft, not a dict: write Draft(text="…")',
        ),
        (
            lambda door: door.add_many(DRAFT),
            'drafts come as a list of Draft, not as one Draft: write [Draft(text="…")]',
        ),
        (lambda door: door.add_many({"text": "x"}), "drafts come as a list of Draft, not as one dict"),
        (lambda door: door.add_many("secret"), "drafts come as a list of Draft, not as one str"),
        (lambda door: door.plan(contrast=0.5), "contrast is an EllipsisType or a Contrast, not a float"),
        (lambda door: door.plan(earlier=[{"role": "user"}]), "each of earlier is a Message, not a dict"),
        (
            lambda door: Door({"temperature": 1}),  # type: ignore[arg-type]
            "config is a Sampling, not a dict: write Sampling(temperature=0.7)",
        ),
        (lambda door: type(door).open("x", config=0.7), "config is a Sampling, not a float"),
        (lambda door: door.generate("q", k=3, sampling=0.7), "sampling is a Sampling, not a float"),
        (lambda door: door.judge(None), "filter is a Filter, not a NoneType"),
    ],
)
def test_what_is_not_the_noun_is_refused_with_an_example(call: Callable[[Any], object], words: str) -> None:
    with pytest.raises(TypeError, match=re.escape(words)) as caught:
        call(Door())
    assert "secret" not in str(caught.value)


def test_what_may_be_passed_is_passed_on() -> None:
    door, drafts = Door(Sampling()), (DRAFT for _ in range(1))
    assert door.search("q") is door.search("q", filter=None) is None
    assert door.search("q", filter=CHOSEN) is CHOSEN
    assert [door.forget(each) for each in ("id", ["id"], ("id",), CHOSEN)] == ["id", ["id"], ("id",), CHOSEN]
    assert door.add_many(drafts) is drafts
    assert list(drafts) == [DRAFT], "the check has not used it up"
    assert door.plan() == (..., ())
    assert door.plan(contrast=None, earlier=[Message(role="user", content="x")]) == (
        None,
        [Message(role="user", content="x")],
    )
    assert door.generate("q", k=3, sampling=None) == {"k": 3, "sampling": None}
    assert Door.open("x").config is None
    assert door.judge(CHOSEN) is CHOSEN
    assert door.count(3) == 3


def test_methods_keep_their_name_their_words_and_their_signature() -> None:
    assert str(inspect.signature(Door.search)) == "(self, query: 'str', *, filter: 'Filter | None' = None) -> 'object'"
    assert Door.search.__qualname__ == "Door.search"
    assert not hasattr(Door.count, "__wrapped__"), "what takes no noun stays as it is"


def test_the_making_of_a_record_is_checked_too() -> None:
    @checks_arguments
    @dataclass(frozen=True, kw_only=True, slots=True)
    class Asked:
        text: str
        filter: Filter | None = None

    assert Asked(text="x", filter=CHOSEN).filter is CHOSEN
    with pytest.raises(TypeError, match="filter is a Filter, not a list"):
        Asked(text="x", filter=[])  # type: ignore[arg-type]


def test_nouns_of_other_packages_are_not_ours() -> None:
    class Filter:
        """Another package's."""

    with pytest.raises(TypeError, match="a filter is a Filter, not a Filter"):
        require_noun(Filter(), "Filter", "a filter")
    require_noun(type("Narrow", (ondevice.Filter,), {})(), "Filter", "a filter")


@pytest.mark.parametrize("noun", sorted(EXAMPLES))
def test_every_example_can_be_written(noun: str) -> None:
    scope = {name: getattr(ondevice if name in ondevice.__all__ else ondevice.learned, name) for name in EXAMPLES}
    require_noun(eval(EXAMPLES[noun], scope), noun, "the example")
