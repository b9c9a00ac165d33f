"""Templates of strangers: Jinja in its sandbox, with an end to the work that they do and the text that they make.

The sandbox keeps a template from the machine, not from its time and memory: ``range`` in ``range`` counts for hours,
and a text that is joined with itself forty times holds a terabyte. So every turn of a loop, call and filter is counted,
and what would be large is weighed before it is made. What cannot be counted is not offered.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, cast

from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

MOST_SOURCE_CHARS = 1 << 18
MOST_STEPS = 200_000
MOST_CHARS = 2_000_000
MOST_SECONDS = 10.0
"""Of a template that runs for milliseconds where it is an honest one, on the busiest machine."""
_MOST_NUMBER = 100_000
_MOST_POWER = 64
_SEEN_IN_A_STEP = 100
_MOST_DIGITS_BITS = 1 << 14

_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "indent", "int",
    "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace",
    "reverse", "safe", "select", "selectattr", "sort", "string", "title", "trim", "unique", "upper",
)  # fmt: skip
_UNSAFE_METHODS = frozenset(
    ("format", "format_map", "center", "ljust", "rjust", "zfill", "expandtabs", "translate", "maketrans", "to_bytes")
)
"""Methods that make much of little, and that no chat needs."""
_WIDE = re.compile(r"%(\(|[^a-zA-Z%]*(\d{3}|\*))")
"""A format that pads far, and one that names its values, of which no pattern tells how far it pads."""


class TooMuchError(Exception):
    """A template did more than a prompt can need; it says what of."""


class _Budget:
    def __init__(self) -> None:
        self._steps_left = MOST_STEPS
        self._ends = time.monotonic() + MOST_SECONDS

    def step(self, number: int) -> None:
        self._steps_left -= number
        if self._steps_left < 0:
            raise TooMuchError(f"over {MOST_STEPS:,} steps")
        if time.monotonic() > self._ends:
            raise TooMuchError(f"over {MOST_SECONDS:g} seconds")


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def bounded() -> Iterator[None]:
    """Give the templates that are rendered in the block, in this thread, so much work to do and no more."""
    token = _budget.set(_Budget())
    try:
        yield
    finally:
        _budget.reset(token)


class GenerationTag(Extension):
    """``{% generation %}`` marks what a training learns from; a prompt holds what stands in it."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return the block's body."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for chat templates, as transformers sets it up; render within :func:`bounded`."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, *, filters: Mapping[str, Callable[..., Any]], names: Mapping[str, Any]) -> None:
        """Offer these filters and names beside those of Jinja that can be counted."""
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            extensions=[loopcontrols, GenerationTag],
            optimized=False,  # it would compute constants before anybody counts
            finalize=_weighed,
        )
        offered = {name: self.filters[name] for name in _FILTERS}
        self.filters = {name: _counted(name, each) for name, each in {**offered, **filters}.items()}
        self.globals = {name: self.globals[name] for name in ("cycler", "dict", "joiner", "namespace", "range")}
        self.globals.update(names)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > MOST_SOURCE_CHARS:
            raise TooMuchError(f"over {MOST_SOURCE_CHARS:,} characters of code")
        counted: nodes.Template = _Counting().visit(super()._parse(source, name, filename))
        return counted

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401 - Jinja's own signature
        """Say whether a template may have this attribute."""
        return attr not in _UNSAFE_METHODS and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:  # noqa: ANN401
        """Wrap no ``format``, which pads as far as it is told: it is none of the attributes that may be had."""

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, N805
        """Call what a template calls, once it is sure to be small."""
        if getattr(__obj, "__self__", None) is __self:  # put there by _Counting: no template can name it
            return __obj(*args)
        _step()
        _check_arguments(getattr(__obj, "__name__", ""), (getattr(__obj, "__self__", None), *args), kwargs)
        return _weighed(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        """Compute what may be large, once it is sure not to be."""
        _step()
        if operator == "*":
            is_number = isinstance(left, (int, float)) and isinstance(right, (int, float))
            _require_few(_size(left) + _size(right) if is_number else _times(left) * _times(right))
        elif operator == "**" and (abs(left) > _MOST_NUMBER or abs(right) > _MOST_POWER):
            raise TooMuchError("a large power")
        elif operator == "%" and isinstance(left, str):
            _require_few(_size(left) + _size(right))
            if _WIDE.search(left):
                raise TooMuchError("a wide format")
        return _weighed(super().call_binop(context, operator, left, right))

    def counted(self, iterable: Iterable[Any]) -> Iterator[Any]:
        """Yield what a loop goes over, each a step."""
        for each in iterable:
            _step()
            yield each

    def joined(self, *parts: Any) -> str:  # noqa: ANN401
        """Join what stands between tildes."""
        _step()
        _require_few(sum(_size(part) for part in parts))
        return "".join(map(str, parts))

    def weighed(self, value: Any) -> Any:  # noqa: ANN401
        """Return a list or a dictionary that was written down, if it is small."""
        _step()
        return _weighed(value)

    @staticmethod
    def concat(pieces: Iterable[str]) -> str:
        """Join what a template, a block or a macro has written."""
        written, n_chars = [], 0
        for piece in pieces:
            n_chars += len(piece)
            _require_few(n_chars)
            written.append(piece)
        return "".join(written)


class _Counting(NodeTransformer):
    """Lets every loop, joining and collection of a template ask first."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - Jinja's names
        self.generic_visit(node)
        node.iter = _asking("counted", [cast("nodes.Expr", node.iter)], node)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Call:  # noqa: N802
        self.generic_visit(node)
        return _asking("joined", node.nodes, node)

    def visit_List(self, node: nodes.List | nodes.Dict) -> nodes.Call:  # noqa: N802
        self.generic_visit(node)
        return _asking("weighed", [node], node)

    visit_Dict = visit_List  # noqa: N815

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _asking("weighed", [node], node) if node.ctx == "load" else node


def _asking(method: str, arguments: list[nodes.Expr], at: nodes.Node) -> nodes.Call:
    asked = nodes.EnvironmentAttribute(method, lineno=at.lineno)
    call = nodes.Call(asked, arguments, [], None, None, lineno=at.lineno)
    if at.environment is not None:
        call.set_environment(at.environment)
    return call


def _counted(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        _step()
        given = tuple(list(_few(each)) if isinstance(each, Iterator) else each for each in args)
        _check_arguments(name, given, kwargs)
        return _weighed(original(*given, **kwargs))

    return call


def _few(items: Iterator[Any]) -> Iterator[Any]:
    for item in items:
        _step()
        yield item


def _check_arguments(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Refuse large numbers and texts, and what makes a large text of small ones."""
    values = (*args, *kwargs.values())
    size = sum(map(_size, values))
    _require_few(size)
    if any(isinstance(value, int) and abs(value) > _MOST_NUMBER for value in values):
        raise TooMuchError(f"a number over {_MOST_NUMBER:,}")
    if name in ("replace", "join", "indent"):
        texts = [value for value in values if isinstance(value, str)]
        if name == "replace" and len(texts) == 3:
            text, old, new = texts
            _require_few(len(text) + text.count(old) * len(new))
            return
        among = texts if name == "join" else texts[1:]
        numbers = [abs(value) for value in values if isinstance(value, int)]
        _require_few((size + 1) * (max([*map(len, among), *numbers], default=0) + 1))


def _weighed(value: Any) -> Any:  # noqa: ANN401
    _require_few(_size(value))
    return value


def _times(value: Any) -> int:  # noqa: ANN401
    return abs(value) if isinstance(value, int) else _size(value)


def _size(value: Any) -> int:  # noqa: ANN401
    """Return about how many characters a value takes when it is written down; it stops counting at the limit."""
    size, n_seen, waiting = 0, 0, [value]
    while waiting and size <= MOST_CHARS:
        each = waiting.pop()
        if isinstance(each, (str, bytes)):
            size += len(each)
        elif isinstance(each, int) and each.bit_length() > _MOST_DIGITS_BITS:
            raise TooMuchError(f"a number of over {_MOST_DIGITS_BITS:,} bits")
        elif isinstance(each, (list, tuple, set, frozenset)):
            waiting.extend(each)
        elif isinstance(each, Mapping):
            waiting.extend((*each.keys(), *each.values()))
        elif isinstance(each, Namespace):
            waiting.append(getattr(each, "_Namespace__attrs", {}))
        size += 1
        n_seen += 1
    _step(n_seen // _SEEN_IN_A_STEP)
    return size


def _require_few(n_chars: int) -> None:
    if n_chars > MOST_CHARS:
        raise TooMuchError(f"over {MOST_CHARS:,} characters")


def _step(number: int = 1) -> None:
    budget = _budget.get()
    if budget is not None:
        budget.step(number)
