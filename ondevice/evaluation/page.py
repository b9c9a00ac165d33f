"""The report as one self-contained HTML page: no script, no font, no address outside itself."""

from __future__ import annotations

from html import escape
from itertools import groupby

from ondevice.evaluation.effect_plot import effect_plot
from ondevice.evaluation.plots import size_plot, time_plot, value_plot
from ondevice.evaluation.report import Report, markdown_of

_CSS = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { text-align: left; padding: 0.15rem 0.7rem 0.15rem 0; border-bottom: 1px solid #e3e3e3; }
svg { max-width: 100%; height: auto; }
"""


def page_of(report: Report) -> str:
    """Return the page: the plots, then the tables of the Markdown report."""
    plots = [
        (
            "What the run has shown",
            "The comparisons that were fixed before the run: over all tasks (blue), and in each (grey), with 95 % "
            "intervals over users. p is Holm's.",
            effect_plot(report.findings),
        ),
        (
            "What each strategy reaches",
            "Bars are 95 % intervals, the grey line and band no personalization, percentages the gain over it. "
            "Grey crosses are controls: another user's history (x), the own one with shuffled labels (+). "
            "The dotted line is each user's most frequent label.",
            value_plot(report.rows),
        ),
        ("Change by profile size", "By the number of items in the history.", size_plot(report.bins)),
        ("Quality against time", "What a question takes on a device that has the profile.", time_plot(report.rows)),
    ]
    pictures = "\n".join(f"<h2>{escape(title)}</h2>\n<p>{escape(text)}</p>\n{svg}" for title, text, svg in plots if svg)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>LaMP on the device</title>\n'
        f"<style>{_CSS}</style>\n</head>\n<body>\n<h1>LaMP on the device</h1>\n"
        f"{pictures}\n{_tables(markdown_of(report))}\n</body>\n</html>\n"
    )


def _tables(markdown: str) -> str:
    """Turn the report's own Markdown, which has titles, lists, paragraphs and tables only, into HTML."""
    parts: list[str] = []
    for kind, group in groupby(markdown.splitlines()[1:], key=_kind):
        lines = list(group)
        if kind == "table":
            head, *body = [
                [_inline(cell) for cell in line.strip("|").split("|")] for line in lines if "---" not in line
            ]
            rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in body)
            parts.append(f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>\n{rows}</table>")
        elif kind == "list":
            parts.append(f"<ul>{''.join(f'<li>{_inline(line[2:])}</li>' for line in lines)}</ul>")
        elif kind == "title":
            parts += [f"<h2>{_inline(line.lstrip('# '))}</h2>" for line in lines]
        elif kind == "text":
            parts += [f"<p>{_inline(line)}</p>" for line in lines]
    return "\n".join(parts)


def _kind(line: str) -> str:
    starts = {"|": "table", "-": "list", "#": "title"}
    return starts.get(line[:1], "text") if line.strip() else "empty"


def _inline(text: str) -> str:
    words = escape(text.strip())
    return f"<strong>{words[2:-2]}</strong>" if words.startswith("**") and words.endswith("**") else words
