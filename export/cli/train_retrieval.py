"""``ondevice-export train ropg | rspg``: an encoder, or a selector, from the language model's own feedback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from export.cli.options import (
    EpochsOption,
    HeldOutOption,
    JsonOption,
    MinutesOption,
    RateOption,
    SeedOption,
    seconds_of,
)
from export.cli.terminal import Terminal
from export.training.choices import MODES, OBJECTIVES, SHAPES, SIGNALS

if TYPE_CHECKING:
    from export.training.fitting import FitConfig

FeedbackArgument = Annotated[list[Path], typer.Argument(metavar="FILE...", help="What `feedback` wrote, one or more.")]
SourceOption = Annotated[
    Path, typer.Option("--encoder", metavar="DIR", help="The sentence encoder to begin with: a folder of floats.")
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="The trained model's folder; must be new.")]
SignalOption = Annotated[
    str, typer.Option("--signal", metavar="NAME", help="reward (the metric), or likelihood (of the right answer).")
]
BatchOption = Annotated[int, typer.Option("--batch", metavar="N", min=1, help="Requests of a step.")]


def ropg(
    feedback: FeedbackArgument,
    encoder: SourceOption,
    out: OutOption,
    objective: Annotated[
        str, typer.Option("--objective", metavar="NAME", help=f"One of {', '.join(OBJECTIVES)}.")
    ] = "kd",
    shape: Annotated[
        str,
        typer.Option("--shape", metavar="NAME", help="full, or query: the passages' vectors stay the initial ones."),
    ] = "full",
    signal: SignalOption = "reward",
    temperature: Annotated[float, typer.Option("--temperature", metavar="X", help="Of kd's target.")] = 0.2,
    scale: Annotated[float, typer.Option("--scale", metavar="X", help="Cosines are multiplied by it.")] = 20.0,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", metavar="N", min=8, help="Cut longer texts here while training.")
    ] = None,
    learning_rate: RateOption = 2e-5,
    epochs: EpochsOption = 10,
    batch: BatchOption = 16,
    held_out: HeldOutOption = 0.15,
    minutes: MinutesOption = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Train an encoder to find the items that help the language model (ROPG).

    Make a bundle of the result with `encoder`; with `--shape query` also name the passages' encoder there.
    """
    if objective not in OBJECTIVES or shape not in SHAPES or signal not in SIGNALS:
        raise typer.BadParameter(
            f"--objective is one of {', '.join(OBJECTIVES)}, --shape of {', '.join(SHAPES)}, --signal of "
            + ", ".join(SIGNALS)
        )
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.training.documents import read_document_feedback
        from export.training.retriever import RetrieverConfig, train_retriever

        try:
            config = RetrieverConfig(
                objective=objective,
                shape=shape,
                signal=signal,
                temperature=temperature,
                scale=scale,
                max_tokens=max_tokens,
                fit=_fit(learning_rate, epochs, batch, held_out, minutes, seed, patience=2),
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        records = [record for path in feedback for record in read_document_feedback(path)]
        terminal.say(f"{len(records):,} questions of {len({record.user for record in records}):,} users")
        with terminal.progress(out.name, is_bytes=False) as on_progress:
            made = train_retriever(records, encoder, out, config, on_progress=on_progress)
        terminal.result(
            {"folder": out, **made.to_json()},
            f"{made.fit.n_examples:,} questions taught, {made.n_dropped:,} told nothing apart; "
            f"epoch {made.fit.best_epoch} of {len(made.fit.judged) - 1} is kept",
            f"{made.fit.n_held_out:,} questions of other users: the first item is worth {made.reward_trained:.3f}, "
            f"{made.reward_first:.3f} before; by lot {made.reward_mean:.3f}, at best {made.reward_best:.3f}",
            f"{made.fit.seconds:,.0f} s, in {out}",
        )


def rspg(
    feedback: FeedbackArgument,
    encoder: SourceOption,
    out: OutOption,
    signal: SignalOption = "reward",
    temperature: Annotated[float, typer.Option("--temperature", metavar="X", help="Of the target.")] = 0.2,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", metavar="N", min=16, help="Cut longer candidates to this, on the device too.")
    ] = 384,
    modes: Annotated[
        str, typer.Option("--modes", metavar="NAMES", help="pre (candidates), post (with their output), or both.")
    ] = "pre,post",
    learning_rate: RateOption = 3e-5,
    epochs: EpochsOption = 12,
    batch: BatchOption = 16,
    held_out: HeldOutOption = 0.15,
    minutes: MinutesOption = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Train a selector to choose the retriever whose items help the language model, or none (RSPG).

    Make a bundle of the result with `selector`.
    """
    chosen = [mode.strip() for mode in modes.split(",")]
    if not set(chosen) <= set(MODES) or signal not in SIGNALS:
        raise typer.BadParameter(f"--modes are of {', '.join(MODES)}, --signal is one of {', '.join(SIGNALS)}")
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.training.judge import SelectorConfig
        from export.training.pools import read_pool_feedback
        from export.training.selector import train_selector

        try:
            config = SelectorConfig(
                signal=signal,
                temperature=temperature,
                max_tokens=max_tokens,
                modes=tuple(mode for mode in MODES if mode in chosen),
                fit=_fit(learning_rate, epochs, batch, held_out, minutes, seed, patience=3),
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        records = [record for path in feedback for record in read_pool_feedback(path)]
        terminal.say(f"{len(records):,} questions of {len({record.user for record in records}):,} users")
        with terminal.progress(out.name, is_bytes=False) as on_progress:
            made = train_selector(records, encoder, out, config, on_progress=on_progress)
        retrievers = ", ".join(f"{name} {value:.3f}" for name, value in made.by_retriever.items())
        found = ", ".join(f"{mode} {value:.3f}" for mode, value in made.by_mode.items())
        terminal.result(
            {"folder": out, **made.to_json()},
            f"{made.fit.n_examples:,} questions taught, {made.n_dropped:,} told nothing apart; "
            f"epoch {made.fit.best_epoch} of {len(made.fit.judged) - 1} is kept",
            f"other users: {retrievers}",
            f"the selector's choices: {found}; at best {made.best:.3f}",
            f"{made.fit.seconds:,.0f} s, in {out}",
        )


def _fit(
    learning_rate: float,
    epochs: int,
    batch: int,
    held_out: float,
    minutes: float | None,
    seed: int,
    *,
    patience: int,
) -> FitConfig:
    from export.training.fitting import FitConfig

    return FitConfig(
        learning_rate=learning_rate,
        epochs=epochs,
        batch=batch,
        held_out=held_out,
        max_seconds=seconds_of(minutes),
        patience=patience,
        seed=seed,
    )
