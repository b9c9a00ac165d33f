"""The command ``ondevice``: its commands, and the way it ends."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from ondevice import __version__
from ondevice.cli.adapt import ADAPTATIONS
from ondevice.cli.add import add, update
from ondevice.cli.ask import ask
from ondevice.cli.audit import audit
from ondevice.cli.audit_bill import AUDIT_COMMANDS
from ondevice.cli.browse import list_items, search, show
from ondevice.cli.bundles import BUNDLES
from ondevice.cli.chat import chat
from ondevice.cli.command import framed
from ondevice.cli.copies import backup, export, restore
from ondevice.cli.create import init
from ondevice.cli.demo import demo
from ondevice.cli.destroy import destroy
from ondevice.cli.doctor import doctor
from ondevice.cli.evaluate import EVALUATIONS
from ondevice.cli.forget import forget, prune
from ondevice.cli.imports import import_source
from ondevice.cli.inventory import inventory
from ondevice.cli.keys import passwd, rekey, slots_add, slots_list, slots_remove
from ondevice.cli.merged import MERGING
from ondevice.cli.persona import PERSONAS
from ondevice.cli.receipt import RECEIPTS
from ondevice.cli.setting_up import setup
from ondevice.cli.status import reencode, stats
from ondevice.cli.summary import SUMMARIES
from ondevice.safety.consoles import run_app

COMMANDS: dict[str, Callable[..., None]] = {
    "init": init,
    "import": import_source,
    "add": add,
    "list": list_items,
    "show": show,
    "search": search,
    "ask": ask,
    "chat": chat,
    "update": update,
    "forget": forget,
    "prune": prune,
    "reencode": reencode,
    "export": export,
    "backup": backup,
    "restore": restore,
    "passwd": passwd,
    "rekey": rekey,
    "destroy": destroy,
    "stats": stats,
    "inventory": inventory,
    "setup": setup,
    "doctor": doctor,
    "demo": demo,
}
SLOTS: dict[str, Callable[..., None]] = {"list": slots_list, "add": slots_add, "remove": slots_remove}


def _group(help_text: str) -> typer.Typer:
    """Make a group of commands whose failures never show local variables."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


app = _group("Personalize a language model on your own device; nothing leaves it, nothing lies readable on disk.")
slots = _group("What unlocks the profile: list, add or remove key slots.")
adaptations = _group("Learn from the profile's items: train adapters of the language model, use and drop them.")
summaries = _group("What the prompt says about the user as a whole: make, show or drop a summary.")
merging = _group("A whole language model with an adapter inside, for one user: make, use and drop it.")
personas = _group(
    "What the language model is told of the whole history behind a prompt: see it, and of what it is made."
)
evaluations = _group("Measure on a data set what personalization is worth.")
receipts = _group("Receipts of what was forgotten: check one, without a profile.")
bundles = _group("Signed models: install, list, verify, and go back to the version before.")
audits = _group(inspect.getdoc(audit) or "")
for group, commands in (
    (app, COMMANDS),
    (slots, SLOTS),
    (receipts, RECEIPTS),
    (audits, AUDIT_COMMANDS),
    (bundles, BUNDLES),
    (adaptations, ADAPTATIONS),
    (summaries, SUMMARIES),
    (merging, MERGING),
    (personas, PERSONAS),
    (evaluations, EVALUATIONS),
):
    for name, command in commands.items():
        group.command(name)(framed(command))
# The one group that does something itself.
audits.callback(invoke_without_command=True, no_args_is_help=False)(framed(audit))
app.add_typer(slots, name="slots")
app.add_typer(receipts, name="receipt")
app.add_typer(audits, name="audit")
app.add_typer(bundles, name="bundle")
app.add_typer(adaptations, name="adapt")
app.add_typer(summaries, name="summary")
app.add_typer(merging, name="merged")
app.add_typer(personas, name="persona")
app.add_typer(evaluations, name="eval")


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"ondevice {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Personalize a language model on your own device; nothing leaves it, nothing lies readable on disk."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code of docs/reference/errors.md."""
    run_app(app, "ondevice", arguments)
