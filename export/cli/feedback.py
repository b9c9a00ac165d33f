"""``ondevice-export feedback``: what the language model makes of a population's items, to train retrievers on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated

import typer

from export.cli.option_groups import grouped
from export.cli.options import GeneratorArgument, JsonOption
from export.cli.questions import Questions
from export.cli.terminal import Terminal
from ondevice.config import MOST_THREADS, RETRIEVERS

if TYPE_CHECKING:
    from export.training.asking import AsksAll
    from ondevice.bundle import Bundle

EncoderOption = Annotated[
    Path, typer.Option("--encoder", metavar="BUNDLE", help="The encoder that devices have, as a bundle.")
]
FileOption = Annotated[Path, typer.Option("--out", metavar="FILE", help="The feedback, JSON Lines.")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What the options say of how the model is asked."""

    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, help="Ask on so many processes, by Ray; else in this one."),
    ] = None
    address: Annotated[
        str | None,
        typer.Option(
            "--address", metavar="HOST:PORT", help="A Ray cluster that this machine is part of; with --workers."
        ),
    ] = None
    threads: Annotated[
        int,
        typer.Option(
            "--threads",
            metavar="N",
            min=1,
            max=MOST_THREADS,
            help="CPU threads a model; feedback may differ between numbers.",
        ),
    ] = 1
    cache: Annotated[
        Path | None, typer.Option("--cache", metavar="FILE", help="Keep each answer here: a stopped run goes on.")
    ] = None

    @contextmanager
    def asker(self, base: Bundle) -> Iterator[AsksAll]:
        """Give what asks the model, here or on workers."""
        from export.training.asking import AskConfig, Asker, FeedbackStore
        from export.training.spread_asking import SpreadAsker

        config = AskConfig(threads=self.threads)
        with FeedbackStore(self.cache) as store:
            if self.workers is None:
                with Asker(base, config, store) as asker:
                    yield asker
            else:
                with SpreadAsker(base, config, store, workers=self.workers, address=self.address) as spread:
                    yield spread


def documents(
    base: GeneratorArgument,
    questions: Questions,
    encoder: EncoderOption,
    out: FileOption,
    asking: Asking,
    candidates: Annotated[
        int, typer.Option("--candidates", metavar="N", min=2, help="Items tried for a question, the nearest.")
    ] = 16,
    set_size: Annotated[
        int, typer.Option("--set-size", metavar="N", min=1, help="Items in one prompt; 4 trains as it is served.")
    ] = 1,
    n_sets: Annotated[
        int, typer.Option("--sets", metavar="N", min=2, help="Different sets tried, with more than one item a prompt.")
    ] = 16,
    as_json: JsonOption = False,
) -> None:
    """Ask the model each question with one item in its prompt after the other: what `train ropg` learns from."""
    from export.training.documents import DocumentConfig, collect_document_feedback
    from export.training.feedback_files import write_records

    try:
        config = DocumentConfig(candidates=candidates, set_size=set_size, n_sets=n_sets, seed=questions.seed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.training.candidates import Vectors, read_profiles
        from ondevice.bundle import Bundle
        from ondevice.retrieval.encoding.encoder import Encoder

        bundle = Bundle.open(encoder, kind="encoder")
        asked = questions.read(terminal, base, [encoder])
        with (
            Encoder.open(bundle) as opened,
            asking.asker(Bundle.open(base, kind="generator")) as asker,
        ):
            vectors = Vectors(opened)
            with terminal.progress("encoding", is_bytes=False) as on_progress:
                read_profiles(asked, [vectors], on_progress=on_progress)
            with terminal.progress("asking", is_bytes=False) as on_progress:
                records = collect_document_feedback(
                    asked, vectors, asker, config, encoder=bundle.id, on_progress=on_progress
                )
        write_records(out, records)
        n_telling = sum(max(record.rewards) > min(record.rewards) for record in records)
        first, best = (
            fmean(value(record.rewards) for record in records) for value in (lambda rewards: rewards[0], max)
        )
        terminal.result(
            {
                "file": out,
                "ask_fold": questions.ask_fold,
                "requests": len(records),
                "telling": n_telling,
                "reward_first": first,
                "reward_best": best,
            },
            f"{len(records):,} questions, of which {n_telling:,} tell items apart",
            f"the nearest item is worth {first:.3f}, the best one {best:.3f}; in {out}",
        )


def pool(
    base: GeneratorArgument,
    questions: Questions,
    encoder: EncoderOption,
    out: FileOption,
    asking: Asking,
    trained: Annotated[
        list[Path] | None,
        typer.Option("--with", metavar="BUNDLE", help="A trained encoder, by its folder's name; repeatable."),
    ] = None,
    built_in: Annotated[
        str, typer.Option("--built-in", metavar="NAMES", help="Of none, recency, bm25, dense and hybrid, with commas.")
    ] = "none,recency,bm25,dense",
    k: Annotated[int, typer.Option("--k", metavar="N", min=1, help="Items in a prompt.")] = 4,
    as_json: JsonOption = False,
) -> None:
    """Ask the model each question with what each retriever finds in its prompt: what `train rspg` learns from."""
    from export.training.feedback_files import write_records
    from export.training.pools import collect_pool_feedback

    folders = {path.name: path for path in trained or []}
    names = [name.strip() for name in built_in.split(",") if name.strip()]
    if not set(names) <= set(RETRIEVERS) or set(folders) & set(RETRIEVERS) or len(names) + len(folders) < 2:
        raise typer.BadParameter(f"a pool needs two retrievers or more: of {', '.join(RETRIEVERS)}, and with --with")
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.training.candidates import read_profiles
        from export.training.pool_vectors import open_vectors
        from ondevice.bundle import Bundle

        asked = questions.read(terminal, base, [encoder, *folders.values()])
        with (
            open_vectors(encoder, folders) as vectors,
            asking.asker(Bundle.open(base, kind="generator")) as asker,
        ):
            with terminal.progress("encoding", is_bytes=False) as on_progress:
                read_profiles(asked, vectors.values(), on_progress=on_progress)
            with terminal.progress("asking", is_bytes=False) as on_progress:
                records = collect_pool_feedback(asked, [*names, *folders], vectors, asker, k=k, on_progress=on_progress)
        write_records(out, records)
        worth = {name: fmean(record.reward_of(name) for record in records) for name in records[0].pool}
        best = fmean(max(candidate.reward for candidate in record.candidates) for record in records)
        terminal.result(
            {
                "file": out,
                "ask_fold": questions.ask_fold,
                "requests": len(records),
                "reward": worth,
                "reward_best": best,
            },
            f"{len(records):,} questions; "
            + ", ".join(f"{name} {value:.3f}" for name, value in worth.items())
            + f", the best of each {best:.3f}; in {out}",
        )


FEEDBACK: Mapping[str, Callable[..., None]] = {"documents": grouped(documents), "pool": grouped(pool)}
