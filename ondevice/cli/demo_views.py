"""The demonstration as panels for people and as one JSON document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ondevice.cli.demo_script import Demo, Exchange, Forgotten
from ondevice.cli.plaintext import Scan
from ondevice.cli.views import headline, hit_document, local, receipt_document, receipt_panel
from ondevice.records import Completion, Draft

MOMENTS = ("after adding, open", "after answering, open", "after forgetting, open", "closed")


def demo_document(shown: Demo) -> dict[str, Any]:
    """Return all that was shown as a JSON object."""
    gone = shown.forgotten
    return {
        "n_items": shown.n_items,
        "answers": [
            {"request": each.request, "plain": each.plain.text, "personalized": each.personalized.text}
            for each in shown.exchanges
        ],
        "sources": [[hit_document(hit) for hit in each.personalized.sources] for each in shown.exchanges],
        "cited": [sorted(_cited(each.personalized)) for each in shown.exchanges],
        "plaintext_found": sum(scan.n_found for scan in shown.scans),
        "scans": [{"when": when, **asdict(scan)} for when, scan in zip(MOMENTS, shown.scans, strict=True)],
        "forgotten": {
            "item_id": gone.hit.item.id,
            "gone": gone.is_gone,
            "answer_before": shown.exchanges[-1].personalized.text,
            "answer_after": gone.answer.text,
        },
        "receipt": receipt_document(gone.receipt),
        "receipt_signature_valid": gone.is_signed,
        "timings_ms": {
            "add": round(shown.add_ms, 1),
            "answers": [
                {"plain": _times(each.plain), "personalized": _times(each.personalized)} for each in shown.exchanges
            ],
        },
    }


def history_view(drafts: Sequence[Draft], add_ms: float) -> RenderableType:
    """Say what the invented history holds."""
    kinds = ", ".join(f"{count} {kind}s" for kind, count in Counter(draft.kind for draft in drafts).most_common())
    return Panel(
        Text(f"{len(drafts)} items of an invented person ({kinds}),\nencoded and encrypted in {add_ms / 1000:.1f} s."),
        title="a history",
        title_align="left",
    )


def exchange_view(exchange: Exchange) -> RenderableType:
    """Show one request with both answers and the items that stood in the prompt."""
    return Panel(
        Group(
            Text("without the history", style="dim"),
            Text(exchange.plain.text.strip()),
            Text(_spent(exchange.plain), style="dim"),
            Rule(style="dim"),
            Text("with the history", style="green"),
            Text(exchange.personalized.text.strip(), style="bold"),
            Text(_spent(exchange.personalized), style="dim"),
            _sources(exchange.personalized),
        ),
        title=Text(exchange.request),
        title_align="left",
    )


def forgotten_view(gone: Forgotten) -> RenderableType:
    """Show the erased item, its receipt, and what is left of it."""
    search = "a search no longer finds it" if gone.is_gone else "A SEARCH STILL FINDS IT"
    signature = "its signature is valid" if gone.is_signed else "ITS SIGNATURE IS NOT VALID"
    return Group(
        Panel(Text(headline(gone.hit.item, full=True)), title="forget what that answer rests on", title_align="left"),
        receipt_panel(gone.receipt),
        Panel(
            Group(
                Text(f"{search}; the receipt is checked, {signature}"),
                Text(f"asked again: {gone.request}", style="dim"),
                Text(gone.answer.text.strip(), style="bold"),
            ),
            title="afterwards",
            title_align="left",
        ),
    )


def scan_view(scans: Sequence[Scan]) -> RenderableType:
    """Show how often any word of the history was readable in the profile's files."""
    table = Table("when", "files", "bytes", "pieces looked for", "found", box=None, header_style="bold", pad_edge=False)
    for when, scan in zip(MOMENTS, scans, strict=True):
        style = "green" if scan.n_found == 0 else "bold red"
        found = Text(str(scan.n_found), style=style)
        table.add_row(when, str(scan.n_files), f"{scan.n_bytes:,}", str(scan.n_pieces), found)
    return Panel(table, title="is any of the text readable on disk?", title_align="left")


def next_view(program: str) -> RenderableType:
    """Say in three lines what someone who has seen this may do next."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("a profile of your own", Text(f"{program} init", style="bold"))
    table.add_row("your notes, mail, tables", Text(f"{program} import --help", style="bold"))
    table.add_row("your questions", Text(f'{program} ask "…"', style="bold"))
    return Panel(table, title="what next (in an app of your own: README.md, Use it)", title_align="left")


def _sources(completion: Completion) -> RenderableType:
    """List what stood in the prompt; an arrow shows what the answer names as what it rests on."""
    cited = _cited(completion)
    table = Table(box=None, show_header=False, pad_edge=False)
    for hit in completion.sources:
        mark = "→" if hit.item.id in cited else f"{hit.rank}."
        style = "green" if hit.item.id in cited else "dim"
        table.add_row(mark, local(hit.item.time), hit.item.kind, Text(headline(hit.item)), style=style)
    return table


def _cited(completion: Completion) -> set[str]:
    return {item_id for citation in completion.citations for item_id in citation.item_ids}


def _spent(completion: Completion) -> str:
    parts = ", ".join(f"{part} {spent:.0f}" for part, spent in completion.timings_ms.items())
    return f"{completion.n_prompt_tokens} tokens read, {completion.n_tokens} written; ms: {parts}"


def _times(completion: Completion) -> dict[str, float]:
    return {part: round(spent, 1) for part, spent in completion.timings_ms.items()}
