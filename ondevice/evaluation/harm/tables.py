"""The lines of a report's tables, for pages and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ondevice.evaluation.harm.figures import Figure, OwnAgainstOther, StaleRow, WayRow
from ondevice.evaluation.harm.gate import Gate
from ondevice.evaluation.interval_words import interval_words, p_words

WAY_HEAD = ("way", "requests", "nats", "nats lost", "p", "right", "right lost", "p", "refused", "leaks")
OTHER_HEAD = ("way", "requests", "the own one takes more by", "p")
STALE_HEAD = ("way", "questions", "right", "follows the old", "refused", "prompt has both", "of those, the old")
GATE_HEAD = ("way", "measure", "may be lost", "lost", "p", "is")


def way_lines(rows: Sequence[WayRow]) -> Iterator[list[str]]:
    """Yield a line for each way: how likely what is right was, what was lost, and what the answers were."""
    for row in rows:
        yield [
            _name(row),
            str(row.nats.n),
            f"{row.nats.value:.3f}",
            *_lost(row.lost, form="+.3f"),
            _cell(row.right, form=".2f"),
            *_lost(row.right_lost, form="+.2f"),
            _cell(row.refused, form=".2f"),
            _cell(row.leaked, form=".2f"),
        ]


def kind_head(rows: Sequence[WayRow]) -> tuple[str, ...]:
    """Return the head of the table by kinds."""
    return ("way", *dict.fromkeys(kind for row in rows for kind in row.lost_by_kind))


def kind_lines(rows: Sequence[WayRow]) -> Iterator[list[str]]:
    """Yield a line for each personal way: nats lost by what a request takes."""
    _, *kinds = kind_head(rows)
    for row in rows:
        if row.lost is not None:
            lost = row.lost_by_kind
            yield [_name(row), *(f"{lost[kind]:+.3f}" if kind in lost else "" for kind in kinds)]


def other_lines(others: Sequence[OwnAgainstOther]) -> Iterator[list[str]]:
    """Yield a line for each way that was asked with the wrong profile too."""
    for each in others:
        yield [each.way, str(each.more.n), _cell(each.more, form="+.3f"), p_words(each.more.p)]


def stale_lines(rows: Sequence[StaleRow]) -> Iterator[list[str]]:
    """Yield a line for each way of answering questions whose answer has changed."""
    for row in rows:
        figures = (row.right, row.old, row.refused, row.has_both, row.old_of_both)
        yield [row.way, str(row.right.n), *("" if each is None else _cell(each, form=".2f") for each in figures)]


def gate_lines(gate: Gate) -> Iterator[list[str]]:
    """Yield a line for each verdict."""
    for each in gate.verdicts:
        yield [each.way, each.measure, f"{each.limit:g}", f"{each.lost:+.3f}", p_words(each.p), each.standing]


def _name(row: WayRow) -> str:
    return row.way if row.whose == "own" else f"{row.way}, another's profile"


def _lost(figure: Figure | None, *, form: str) -> tuple[str, str]:
    if figure is None:
        return "", ""
    return _cell(figure, form=form), p_words(figure.p if figure.p_holm is None else figure.p_holm)


def _cell(figure: Figure, *, form: str) -> str:
    value = format(figure.value, form)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({interval_words(figure.low, figure.high, n_users=figure.n_users, form=form)})"
