"""Options that several commands take together: a dataclass, each of whose fields is one option.

A command's parameter of such a type stands for its fields, so that they mean the same everywhere and are read once.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints


def grouped(body: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command's body so that typer sees the options of its groups, and the body gets the groups."""
    signature = inspect.signature(body, eval_str=True)
    own = signature.parameters.values()
    groups: dict[str, Any] = {each.name: each.annotation for each in own if is_dataclass(each.annotation)}
    options = [option for each in own for option in (_options_of(groups[each.name]) if each.name in groups else [each])]

    @functools.wraps(body)
    def command(**given: Any) -> None:  # noqa: ANN401 - typer passes what the signature below declares
        for name, kind in groups.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in fields(kind)})
        body(**given)

    by_name = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in options]
    command.__signature__ = signature.replace(parameters=by_name)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in options}
    return command


def _options_of(group: Any) -> list[inspect.Parameter]:  # noqa: ANN401 - a dataclass, whichever
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
