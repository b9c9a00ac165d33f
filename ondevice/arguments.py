"""What a caller may pass: a value of the wrong type is refused at the door, with what to write instead.

``me.search("lyon", filter={"kinds": ["note"]})`` would otherwise end far inside, in an ``AttributeError`` that names
nothing the caller knows. :func:`checks_arguments` reads the annotations of a class's public methods once, and checks
each argument that must be one of our nouns; no method has to do it itself. (A general checker of types would show the
value in its message, and that may be the user's text.)
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

EXAMPLES: Mapping[str, str] = {
    "Contrast": "Contrast(alpha=0.1)",
    "Draft": 'Draft(text="…")',
    "EngineConfig": "EngineConfig(context_tokens=2048)",
    "Filter": 'Filter(kinds=("note",))',
    "GateConfig": "GateConfig()",
    "IndexConfig": "IndexConfig(exact_up_to=20_000)",
    "KdfConfig": "KdfConfig(passes=3)",
    "LoraRecipe": "LoraRecipe(rank=8)",
    "Message": 'Message(role="user", content="…")',
    "PopulationGain": "PopulationGain(mean=0.1, mean_error=0.02, variance=0.05, item_variance=1.0, users=200)",
    "RetrievalConfig": "RetrievalConfig(k=3)",
    "Sampling": "Sampling(temperature=0.7)",
    "SummaryConfig": "SummaryConfig(max_items=20)",
    "TrainingConfig": "TrainingConfig(epochs=3)",
}
"""The nouns that callers make and pass, each as it may be written. A noun is known by its name, not by its class:
importing all of their rooms would cost more than every check."""

_MANY = ("Collection", "Iterable", "Sequence", "list", "tuple")
_PACKAGE = __name__.partition(".")[0]

T = TypeVar("T", bound=type)


def checks_arguments(kind: T) -> T:
    """Let every public method of a class, and its making, refuse what is not the noun that it takes.

    The methods then raise ``TypeError`` before they do anything; it names the argument, the types and an example, and
    never the value.
    """
    for name, member in list(vars(kind).items()):
        wrapped = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        if not inspect.isfunction(wrapped) or (name.startswith("_") and name != "__init__"):
            continue
        checked = _checked(wrapped)
        if checked is not wrapped:
            setattr(kind, name, type(member)(checked) if wrapped is not member else checked)
    return kind


def require_noun(value: object, noun: str, what: str) -> None:
    """Refuse a value that is not of this noun.

    Raises:
        TypeError: Then; it says what ``what`` is, and what to write.
    """
    if not _is_noun(value, noun):
        raise TypeError(f"{what} is {_a(noun)}, not {_a(type(value).__name__)}: write {EXAMPLES[noun]}")


def require_known(options: Mapping[str, object], kind: type, complaint: str) -> None:
    """Refuse an option that a :class:`TypedDict` does not have.

    Args:
        options: What was given.
        kind: The typed dictionary.
        complaint: What to say before the name of one that it does not have.

    Raises:
        TypeError: Then, with the right spelling, or all names where none comes near.
    """
    for name in options:
        if name not in kind.__annotations__:
            near = get_close_matches(name, kind.__annotations__, n=1)
            choices = f"did you mean {near[0]}?" if near else f"there are {', '.join(kind.__annotations__)}"
            raise TypeError(f"{complaint} {name!r}: {choices}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """What an annotation allows: nouns, many of a noun, and types that are not ours to judge."""

    nouns: tuple[str, ...]
    many_of: tuple[str, ...]
    others: tuple[str, ...]

    @classmethod
    def of(cls, annotation: object) -> _Wanted | None:
        """Read an annotation as it stands in the source; ``None`` if no noun is in it."""
        if not isinstance(annotation, str):
            return None
        nouns, many_of, others = [], [], []
        for part in _alternatives(ast.parse(annotation, mode="eval").body):
            written = ast.unparse(part)
            inner = ast.unparse(part.slice).split(",")[0] if isinstance(part, ast.Subscript) else ""
            if written in EXAMPLES:
                nouns.append(written)
            elif inner in EXAMPLES and written.partition("[")[0] in _MANY:
                many_of.append(inner)
            else:
                others.append(written)
        return cls(nouns=tuple(nouns), many_of=tuple(many_of), others=tuple(others)) if nouns or many_of else None

    def check(self, value: object, name: str) -> None:
        """Refuse a value that is none of it.

        Raises:
            TypeError: Then.
        """
        if any(_is_noun(value, noun) for noun in self.nouns) or any(_may_be(value, other) for other in self.others):
            return
        if self.many_of and _is_many(value):
            if not isinstance(value, (list, tuple)):  # looking into anything else might use it up
                return
            wrong = next((each for each in value if not any(_is_noun(each, noun) for noun in self.many_of)), value)
            if wrong is value:
                return
            noun = self.many_of[0]
            raise TypeError(f"each of {name} is {_a(noun)}, not {_a(type(wrong).__name__)}: write {EXAMPLES[noun]}")
        kind = type(value).__name__
        if not self.nouns:
            noun = self.many_of[0]
            raise TypeError(f"{name} come as a list of {noun}, not as one {kind}: write [{EXAMPLES[noun]}]")
        raise TypeError(f"{name} is {self._allowed()}, not {_a(kind)}: write {EXAMPLES[self.nouns[0]]}")

    def _allowed(self) -> str:
        others = [_in_words(other) for other in self.others if other != "None"]
        return " or ".join([*others, *map(_a, self.nouns), *(f"a list of {noun}" for noun in self.many_of)])


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that checks its arguments first, or the function itself where it takes no noun."""
    places = {name: place for place, name in enumerate(inspect.signature(function).parameters)}
    found = {name: _Wanted.of(annotation) for name, annotation in _annotations(function).items() if name != "return"}
    wanted = {name: each for name, each in found.items() if each is not None}
    if not wanted:
        return function

    @functools.wraps(function)
    def checked(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - it passes on what it was given
        for name, each in wanted.items():
            if name in named:
                each.check(named[name], name)
            elif places.get(name, len(given)) < len(given):
                each.check(given[places[name]], name)
        return function(*given, **named)

    return checked


def _annotations(function: Callable[..., Any]) -> dict[str, object]:
    """Return the annotations as the source has them, those of options that ``**options: Unpack[…]`` takes as well."""
    found: dict[str, object] = dict(function.__annotations__)
    for annotation in function.__annotations__.values():
        if isinstance(annotation, str) and annotation.startswith("Unpack["):
            options = function.__globals__[annotation.removeprefix("Unpack[").removesuffix("]")].__annotations__
            found |= {name: getattr(each, "__forward_arg__", each) for name, each in options.items()}
    return found


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def _is_noun(value: object, noun: str) -> bool:
    return any(each.__name__ == noun and each.__module__.partition(".")[0] == _PACKAGE for each in type(value).__mro__)


def _may_be(value: object, other: str) -> bool:
    """Whether a value may be of a type that is not one of the nouns; what this does not know is let through."""
    name = other.partition("[")[0]
    if name == "None":
        return value is None
    if name == "str":
        return isinstance(value, str)
    if name == "EllipsisType":
        return value is ...
    return _is_many(value) if name in _MANY else True


def _is_many(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _in_words(other: str) -> str:
    name, _, inner = other.rstrip("]").partition("[")
    return f"a list of {inner}" if name in _MANY else _a(name)


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
