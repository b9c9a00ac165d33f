"""Write the table of docs/reference/audit-report.md from the audit's own code, so that it cannot grow stale.

Run ``python docs/generate_audit_codes.py`` to write it, or with ``--check`` to compare it (exit code 1 if it is stale).

Each ``Finding(…)`` gives a row. What the code puts together while it runs stands as an ellipsis.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "ondevice" / "privacy"
TARGET = ROOT / "docs" / "reference" / "audit-report.md"
BEGIN, END = "<!-- codes: begin -->\n", "<!-- codes: end -->\n"

_CODE = re.compile(r"[a-z…][a-z0-9…-]*/[a-z0-9…-]+")
_LEVELS = ("high", "medium", "low", "note")

Row = tuple[str, set[str], str]


def table() -> str:
    """Return the table."""
    rows: dict[str, tuple[set[str], set[str]]] = {}
    for file in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        for code, found_levels, text in (*_findings(tree), *_names(tree)):
            levels, texts = rows.setdefault(code, (set(), set()))
            levels |= found_levels
            texts |= {text} - {""}
    lines = [
        f"| `{code}` | {_joined(levels)} | {'<br>'.join(sorted(texts)) or '…'} |"
        for code, (levels, texts) in sorted(rows.items())
    ]
    return "\n".join(["| code | level | what is said |", "|---|---|---|", *lines]) + "\n"


def render(page: str) -> str:
    """Return the page with the table as it should be."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}"


def _findings(tree: ast.AST) -> Iterator[Row]:
    """Yield what each call that makes a finding says."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
            given = {each.arg: each.value for each in node.keywords if each.arg}
            if _CODE.fullmatch(code := _text(given["code"])):
                yield code, _levels(given["level"]), _cell(_text(given["text"]))


def _names(tree: ast.AST) -> Iterator[Row]:
    """Yield the codes that stand elsewhere, as in a table of the check's own."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            name, _, thing = node.value.partition("/")
            if thing and _CODE.fullmatch(node.value) and name in _checks():
                yield node.value, set(), ""


def _checks() -> set[str]:
    from ondevice.privacy.checks import CHECKS

    return set(CHECKS)


def _levels(node: ast.expr) -> set[str]:
    """Return which levels an expression names."""
    named = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return named & set(_LEVELS)


def _text(node: ast.expr) -> str:
    """Return a text of the code, with an ellipsis for what is put into it."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return "…"


def _cell(text: str) -> str:
    return "" if text.strip("… ") == "" else text.replace("|", "\\|").replace("<", "&lt;")


def _joined(levels: set[str]) -> str:
    return ", ".join(level for level in _LEVELS if level in levels) or "as it says"


def main() -> None:
    """Write the page, or compare it."""
    page = TARGET.read_text("utf-8")
    text = render(page)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if page == text else 1)
    TARGET.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
