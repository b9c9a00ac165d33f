"""``ondevice-export``: from a trained model to a small, measured, signed bundle."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from export.cli.adapt import adapter, merge
from export.cli.convert import llm, projector
from export.cli.convert_retrieval import encoder, selector
from export.cli.evaluate import lamp
from export.cli.feedback import FEEDBACK
from export.cli.measure import parity
from export.cli.release import inspect, keygen, publish
from export.cli.train import TRAININGS
from ondevice.safety.consoles import run_app

COMMANDS: Mapping[str, Callable[..., None]] = {
    "encoder": encoder,
    "selector": selector,
    "projector": projector,
    "llm": llm,
    "adapter": adapter,
    "merge": merge,
    "parity": parity,
    "lamp": lamp,
    "publish": publish,
    "inspect": inspect,
    "keygen": keygen,
}

app = typer.Typer(
    help="Turn trained models into small, measured, signed bundles that a device loads.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _body in COMMANDS.items():
    app.command(_name)(_body)
trainings = typer.Typer(
    help="Learn from a population what all users of a model get.", no_args_is_help=True, rich_markup_mode="rich"
)
for _name, _body in TRAININGS.items():
    trainings.command(_name)(_body)
app.add_typer(trainings, name="train")
asking = typer.Typer(
    help="Ask the language model what helps it, to train retrievers and selectors on.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
for _name, _body in FEEDBACK.items():
    asking.command(_name)(_body)
app.add_typer(asking, name="feedback")


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"ondevice-export {version_of('ondevice-sdk')}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Turn trained models into small, measured, signed bundles that a device loads."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code of docs/reference/errors.md."""
    run_app(app, "ondevice-export", arguments)
