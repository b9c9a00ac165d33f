"""``ondevice adapt``: train adapters on the profile's items, list, use and drop them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ondevice.adaptation.recipes.privacy import Privacy
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig
from ondevice.cli.access import ProfileAccess
from ondevice.cli.adapt_explain import explain
from ondevice.cli.adapt_search import search
from ondevice.cli.failing import UsageError
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.interrupting import interrupt_asks
from ondevice.cli.learning_options import (
    ADAPTER,
    PRIVACY,
    SETTINGS,
    DeltaOption,
    EpochsOption,
    EpsilonOption,
    ItemsInPromptOption,
    JudgeOption,
    LearnedTaskOption,
    LearningRateOption,
    NameArgument,
    RefitOption,
    SelectOption,
    require_name,
    require_task,
)
from ondevice.cli.output import Output
from ondevice.cli.views import local, pairs_table
from ondevice.config import Contrast

if TYPE_CHECKING:
    from ondevice.adaptation.recipes.privacy import PrivacySpent
    from ondevice.adaptation.recipes.recipe import TrainingReport
    from ondevice.learned.adapter_notes import AdapterInfo
    from ondevice.learned.adapters import Adapters

DEFAULTS = LoraRecipe()


class OnForgetChoice(StrEnum):
    """What is left of an adapter when an item it saw is forgotten."""

    drop = "drop"
    mark = "mark"


def train(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    name: NameArgument = ADAPTER,
    task: LearnedTaskOption = "chat",
    rank: Annotated[int, typer.Option("--rank", min=1, help="Rank of the matrices.")] = DEFAULTS.rank,
    alpha: Annotated[float, typer.Option("--alpha", min=0.001, help="Strength of the update.")] = DEFAULTS.alpha,
    projections: Annotated[
        list[str] | None,
        typer.Option(
            "--projection",
            help=f"A layer that gets matrices: {', '.join(PROJECTIONS)}; repeatable.",
            show_default=", ".join(DEFAULTS.projections),
        ),
    ] = None,
    epochs: EpochsOption = SETTINGS.epochs,
    learning_rate: LearningRateOption = SETTINGS.learning_rate,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0.01, help="Stop after so long.", show_default="no limit")
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option("--memory", metavar="MB", min=1, help="Refuse to start above this.", show_default="no limit"),
    ] = None,
    on_forget: Annotated[
        OnForgetChoice,
        typer.Option("--on-forget", help="Once an item it saw is forgotten: drop it, or mark it for --again."),
    ] = OnForgetChoice.drop,
    items_in_prompt: ItemsInPromptOption = 0,
    select: SelectOption = None,
    refit: RefitOption = False,
    epsilon: EpsilonOption = None,
    delta: DeltaOption = PRIVACY.delta,
    judge: JudgeOption = False,
    again: Annotated[bool, typer.Option("--again", help="As it was trained before, on today's items.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a paused training.")] = False,
    use: Annotated[
        bool, typer.Option("--use", help="Use it from then on, if it makes the newest items likelier.")
    ] = False,
) -> None:
    """Train an adapter of the language model on the profile's items; the newest judge it before it learns them too.

    Ctrl-C pauses: --resume goes on. The weights lie sealed in the profile, and go with any item they have seen.
    """
    if again and resume:
        raise UsageError("use --again or --resume, not both")
    require_task(task)
    if epsilon is not None and (items_in_prompt or select or refit):
        raise UsageError("--epsilon does not go with --items-in-prompt, --select or --refit: one item acts on others")
    try:
        recipe = LoraRecipe(rank=rank, alpha=alpha, projections=tuple(projections or DEFAULTS.projections))
        config = TrainingConfig(
            epochs=epochs,
            learning_rate=learning_rate,
            max_seconds=None if minutes is None else minutes * 60,
            max_memory_bytes=None if memory is None else memory * 1_000_000,
            privacy=None if epsilon is None else Privacy(epsilon=epsilon, delta=delta),
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
    require_name(name)
    with access.open() as me:
        with output.progress("training", unit="steps") as on_progress, interrupt_asks() as pause:
            if again or resume:
                go = me.adapters.resume if resume else me.adapters.retrain
                info = go(name, on_progress=on_progress, pause=pause)
            else:
                info = me.adapters.train(
                    name,
                    task=task,
                    filter=selection.filter,
                    recipe=recipe,
                    config=config,
                    on_forget=on_forget.value,
                    items_in_prompt=items_in_prompt,
                    select=select,
                    refit=refit,
                    leave_out=me.planner.holdout(task=task) if judge else (),
                    on_progress=on_progress,
                    pause=pause,
                )
        if use and info is not None and not info.is_paused and _has_gained(info):
            me.adapters.use(name)
            info = _find(me.adapters, name)
    output.result({"adapter": info}, *([] if info is None else [pairs_table(_view(info))]))


def status(output: Output, access: ProfileAccess) -> None:
    """Show which adapter is in use, which wait, and how many items it has not seen."""
    with access.open() as me:
        found = me.adapters.status()
    contrast = "" if found.contrast is None else f", contrast {found.contrast.alpha:g}"
    view = {
        "in use": "none" if found.in_use is None else f"{found.in_use} at scale {found.scale:g}{contrast}",
        "items": f"{found.n_items}, of which {found.n_new_items} are new to it",
        **({} if found.privacy is None else {"its privacy": _privacy(found.privacy)}),
        "ready": ", ".join(found.adapters) or "none",
        "paused": ", ".join(found.paused) or "none",
        "to train again": ", ".join(found.to_train_again) or "none",
        "sealed files": f"{found.sealed_bytes:,} bytes",
    }
    output.result({"status": found}, pairs_table(view))


def list_adapters(output: Output, access: ProfileAccess) -> None:
    """List the profile's adapters and paused trainings."""
    with access.open() as me:
        infos = me.adapters.list()
    table = Table(
        "name", "state", "task", "items", "held-out loss", "ε", "kB", "base", "since", box=None, pad_edge=False
    )
    for info in infos:
        size = f"{info.n_bytes / 1e3:.0f}" if info.n_bytes else ""
        cells = (
            info.name,
            _state(info),
            info.task,
            str(info.n_items),
            _loss(info),
            _epsilon(info),
            size,
            info.base_name,
        )
        table.add_row(*map(Text, (*cells, local(info.made_at))))
    output.result({"adapters": infos}, table if infos else "no adapters: ondevice adapt train makes one")


def use(
    output: Output,
    access: ProfileAccess,
    name: NameArgument = ADAPTER,
    scale: Annotated[float, typer.Option("--scale", help="How strongly it applies.")] = 1.0,
    contrast: Annotated[
        float | None,
        typer.Option(
            "--contrast",
            metavar="ALPHA",
            min=0.0,
            help="Keep away from the plain model's words, this strongly (0.1 is usual); twice the work.",
            show_default="no contrast",
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Use no adapter.")] = False,
) -> None:
    """Answer with this adapter from now on, or with --none."""
    require_name(name)
    with access.open() as me:
        me.adapters.use(None if none else name, scale, contrast=None if contrast is None else Contrast(alpha=contrast))
        found = me.adapters.status()
    document = {"in_use": found.in_use, "scale": found.scale, "contrast": found.contrast}
    output.result(document, f"in use: {found.in_use or 'no adapter'}")


def drop(output: Output, access: ProfileAccess, name: NameArgument = ADAPTER) -> None:
    """Delete an adapter, a paused training of it included."""
    require_name(name)
    with access.open() as me:
        me.adapters.drop(name)
    output.result({"dropped": name}, f"dropped: {name}")


ADAPTATIONS: dict[str, Callable[..., None]] = {
    "train": train,
    "status": status,
    "list": list_adapters,
    "use": use,
    "drop": drop,
    "search": search,
    "explain": explain,
}


def _find(adapters: Adapters, name: str) -> AdapterInfo:
    return next(info for info in adapters.list() if info.name == name)


def _state(info: AdapterInfo) -> str:
    if not info.is_ready:
        return "paused" if info.is_paused else "to train again"
    return f"in use, scale {info.scale:g}" if info.is_in_use else "ready"


def _loss(info: AdapterInfo) -> str:
    return "" if info.report is None else f"{info.report.loss_before:.3f} → {info.report.loss_after:.3f}"


def _epsilon(info: AdapterInfo) -> str:
    return "" if info.report is None or info.report.privacy is None else f"{info.report.privacy.epsilon:.3g}"


def _privacy(spent: PrivacySpent) -> str:
    return (
        f"ε {spent.epsilon:.3g} at δ {spent.delta:.2g} for any one pair; noise {spent.noise:.3g} times the largest "
        f"gradient, {spent.clip:g}"
    )


def _view(info: AdapterInfo) -> dict[str, object]:
    view: dict[str, object] = {"adapter": f"{info.name} ({_state(info)})", "items": info.n_items}
    if info.selection:
        view["chosen"] = "\n".join(info.selection)
    if info.items_in_prompt:
        view["in each prompt"] = f"up to {info.items_in_prompt} earlier items"
    if info.report is not None:
        seconds = info.report.seconds - info.report.refit_seconds
        view["held-out loss"] = f"{_loss(info)} nats per token, on the newest {info.report.n_held_out}"
        view["training"] = f"{info.report.n_steps} steps, {seconds:.0f} s, {_ended(info)}"
        if info.report.refit != "off":
            view["anew on all"] = _refit(info.report)
        if info.report.privacy is not None:
            view["privacy"] = _privacy(info.report.privacy)
        view["peak memory"] = f"{info.report.peak_bytes / 1e6:,.0f} MB"
    if info.n_bytes:
        view["size"] = f"{info.n_bytes:,} bytes, sealed"
    if info.is_paused:
        view["next"] = f"ondevice adapt train --resume {info.name}"
    elif not _has_gained(info):
        view["next"] = f"no gain: the model does better without it; ondevice adapt drop {info.name}"
    elif not info.is_in_use:
        view["next"] = f"ondevice adapt use {info.name}"
    return view


def _has_gained(info: AdapterInfo) -> bool:
    return info.report is not None and info.report.has_gained


def _refit(report: TrainingReport) -> str:
    if report.refit == "done":
        epochs = "1 epoch" if report.refit_epochs == 1 else f"{report.refit_epochs} epochs"
        return f"{epochs}, as were best, {report.refit_seconds:.0f} s; the newest are learned too"
    return {"no gain": "no, since the newest gained nothing", "time": "no, out of time"}[report.refit]


def _ended(info: AdapterInfo) -> str:
    endings = {"done": "all epochs", "early": "no further gain", "time": "out of time", "paused": "paused"}
    return "" if info.report is None else endings.get(info.report.stopped, info.report.stopped)
