"""Show what docstrings say in Sphinx's markup as Markdown says it: ``:meth:`use```, and ``::`` above a block."""

from __future__ import annotations

import re

import griffe

BLOCK = re.compile(r"^[ \t]*::[ \t]*\n", re.MULTILINE)
ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):`~?(?:[\w.]+\.)?(\w+)`")


class DocstringRoles(griffe.Extension):
    """Rewrites each docstring as it is read."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Take the marks of blocks away, and leave the last part of each role's name, as code."""
        if obj.docstring is not None:
            obj.docstring.value = ROLE.sub(r"`\1`", BLOCK.sub("", obj.docstring.value))
