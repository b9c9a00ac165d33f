"""``ondevice demo``: an invented person's history, six requests, and proof on the files."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.bundle.model_set import ModelSet
from ondevice.cli.access import ModelChoice
from ondevice.cli.demo_script import NOW, REQUESTS, Demo, Exchange, Forgotten
from ondevice.cli.demo_views import demo_document, exchange_view, forgotten_view, history_view, next_view, scan_view
from ondevice.cli.output import Output
from ondevice.cli.plaintext import Scan, scan_for_text
from ondevice.config import RetrievalConfig
from ondevice.records import Draft
from ondevice.safety.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from ondevice.personalizer import Personalizer

HISTORY = Path(__file__).with_name("demo_history.jsonl")
MAX_TOKENS = 48
NAME = "ondevice"


def demo(output: Output, use: ModelChoice) -> None:
    """Watch a real model answer from a real encrypted history, in a temporary profile that is removed at the end.

    An invented person's items are added; six requests are answered without and with them; every file of the
    profile is searched for any of the text, also while it is open; one item is forgotten, with its receipt.
    """
    from ondevice.importers import read_jsonl
    from ondevice.personalizer import Personalizer

    drafts = list(read_jsonl(HISTORY))
    with temporary_folder() as folder:
        profile = folder / "demo.profile"
        with Personalizer.create(
            profile,
            app_key=os.urandom(32),
            models=ModelSet(use.models, encoder=use.encoder, generator=use.generator),
            retrieval=RetrievalConfig(k=3),
        ) as me:
            shown = _play(me, profile, drafts, output)
        shown = replace(shown, scans=(*shown.scans, _scan(profile, drafts)))
    output.result(demo_document(shown), scan_view(shown.scans), next_view(as_typed(Path(sys.argv[0]))))


def as_typed(program: Path) -> str:
    """Return how this program is called from here: by its name where the shell finds it, otherwise by its path."""
    if program.stem != NAME:  # run as a module
        return NAME
    found = shutil.which(program.name)
    if found is not None and Path(found).resolve() == program.resolve():
        return NAME
    here = Path.cwd()
    return str(program.absolute().relative_to(here) if program.absolute().is_relative_to(here) else program)


def _play(me: Personalizer, profile: Path, drafts: Sequence[Draft], output: Output) -> Demo:
    started = time.perf_counter()
    with output.progress("adding the history") as on_progress:
        report = me.add_many(drafts, batch=16, on_progress=on_progress)
    add_ms = (time.perf_counter() - started) * 1000
    output.show(history_view(drafts, add_ms))
    scans = [_scan(profile, drafts)]
    exchanges = []
    for request in REQUESTS:
        exchanges.append(_ask(me, request, output))
        output.show(exchange_view(exchanges[-1]))
    scans.append(_scan(profile, drafts))
    forgotten = _forget(me, exchanges[-1], output)
    output.show(forgotten_view(forgotten))
    scans.append(_scan(profile, drafts))
    return Demo(
        n_items=report.n_added, add_ms=add_ms, exchanges=tuple(exchanges), forgotten=forgotten, scans=tuple(scans)
    )


def _ask(me: Personalizer, request: str, output: Output) -> Exchange:
    with output.working(f"asking: {request}"):
        plain = me.generate(request, retriever="none", max_tokens=MAX_TOKENS, now=NOW)
        personalized = me.generate(request, max_tokens=MAX_TOKENS, now=NOW)
    return Exchange(request=request, plain=plain, personalized=personalized)


def _forget(me: Personalizer, exchange: Exchange, output: Output) -> Forgotten:
    """Forget what an answer rests on, or its best source, then look for it and ask again."""
    from ondevice.vault.receipts import verify_receipt

    answer = exchange.personalized
    cited = {item_id for citation in answer.citations for item_id in citation.item_ids}
    hit = next((hit for hit in answer.sources if hit.item.id in cited), answer.sources[0])
    with output.working("forgetting what the last answer rests on"):
        receipt = me.forget(hit.item.id)
        left = me.search(hit.item.text, k=10)
        after = me.generate(exchange.request, max_tokens=MAX_TOKENS, now=NOW)
    is_gone = all(each.item.id != hit.item.id and each.item.text != hit.item.text for each in left)
    return Forgotten(
        hit=hit,
        request=exchange.request,
        receipt=receipt,
        is_signed=verify_receipt(receipt),
        is_gone=is_gone,
        answer=after,
    )


def _scan(profile: Path, drafts: Sequence[Draft]) -> Scan:
    texts = [draft.text for draft in drafts]
    titles = [str(value) for draft in drafts for value in draft.fields.values()]
    return scan_for_text(profile, [*texts, *titles])
