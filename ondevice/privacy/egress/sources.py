"""What the package's own source imports of the network, read without running it."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ondevice.privacy.egress.networks import MODULES, network_module

_NAMED = re.compile(r"\b(?:" + "|".join(sorted({name.partition(".")[0] for name in MODULES})) + r")\b")
_BY_NAME = ("import", "import_module")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """What was read.

    Args:
        n_read: How many modules.
        n_unread: How many of them could not be read.
        imports: Each import of a network module: which module imports which.
    """

    n_read: int
    n_unread: int
    imports: tuple[tuple[str, str], ...]


def read_sources(package: Path) -> Sources:
    """Read every module below a package's folder."""
    imports, n_read, n_unread = [], 0, 0
    for path in sorted(package.rglob("*.py")):
        module = ".".join((package.name, *path.relative_to(package).with_suffix("").parts))
        try:
            found = {network_module(name) for name in _imported(path.read_bytes())}
        except (OSError, SyntaxError, ValueError):
            n_unread += 1
            continue
        n_read += 1
        imports += [(module, name) for name in sorted(filter(None, found))]
    return Sources(n_read=n_read, n_unread=n_unread, imports=tuple(imports))


def _imported(source: bytes) -> Iterator[str]:
    """Yield the absolute names that a module imports, also inside functions and by a name that is written out."""
    # Most modules name nothing of the network, and parsing takes a hundred times longer than this. Python reads other
    # forms of a letter as that letter.
    if not _NAMED.search(unicodedata.normalize("NFKC", source.decode())):
        return
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if called.strip("_") in _BY_NAME and isinstance(node.args[0].value, str):
                yield node.args[0].value
