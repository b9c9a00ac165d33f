"""The frame around every command: shared options, one-line errors, exit codes.

A command's parameters may be annotated with what the frame supplies (an :class:`Output` and the types of
``ondevice.cli.access``); the frame shows them to typer as options, so that they mean the same everywhere.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Protocol, Self

import typer

from ondevice.cli.failing import reported
from ondevice.cli.output import Output

JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON document to stdout, and nothing else there.")]


class Supplied(Protocol):
    """A parameter type that the frame fills from options shared by several commands."""

    OPTIONS: ClassVar[Mapping[str, tuple[Any, Any]]]
    """Parameter name → annotation with its typer option, default."""

    @classmethod
    def from_options(cls, given: Mapping[str, Any]) -> Self:
        """Read the options of a call."""


def framed(body: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command's body so that typer sees the shared options and the user sees one-line errors."""
    signature = inspect.signature(body, eval_str=True)
    own = [each for each in signature.parameters.values() if not _is_supplied(each.annotation)]
    supplied = {name: each.annotation for name, each in signature.parameters.items() if _is_supplied(each.annotation)}
    shared = {"as_json": (JsonOption, False)}
    for kind in supplied.values():
        shared.update(kind.OPTIONS if kind is not Output else {})
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in shared.items()
    ]
    keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]

    @functools.wraps(body)
    def command(**given: Any) -> None:  # noqa: ANN401 - typer passes what the signature below declares
        taken = {name: given.pop(name) for name in shared}
        output = Output(as_json=taken["as_json"])
        with reported(output):
            for name, kind in supplied.items():
                given[name] = output if kind is Output else kind.from_options(taken)
            body(**given)

    command.__signature__ = signature.replace(parameters=[*keyword_only, *options])  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in [*keyword_only, *options]}
    return command


def _is_supplied(annotation: object) -> bool:
    return annotation is Output or hasattr(annotation, "OPTIONS")
