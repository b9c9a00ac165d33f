"""``ondevice-export``: from a trained model to a small, measured, signed bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import typer

from export.cli.adapt import adapter, add_gains, add_reader, merge
from export.cli.apps import new_app
from export.cli.convert import llm, projector
from export.cli.convert_persona import persona
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
    "persona": persona,
    "llm": llm,
    "adapter": adapter,
    "merge": merge,
    "add-reader": add_reader,
    "add-gains": add_gains,
    "parity": parity,
    "lamp": lamp,
    "publish": publish,
    "inspect": inspect,
    "keygen": keygen,
}

app = new_app("ondevice-export", "Turn trained models into small, measured, signed bundles that a device loads.")
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code of docs/reference/errors.md."""
    run_app(app, "ondevice-export", arguments)
