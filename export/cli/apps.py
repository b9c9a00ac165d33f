"""What the builder's two command lines have in common: how they look, and their ``--version``."""

# No annotations as strings here: those of `root` name what is only known inside the function around it.
import sys
from importlib.metadata import version as version_of
from typing import Annotated

import typer


def new_app(name: str, about: str) -> typer.Typer:
    """Return a command line without commands, that tells its version.

    Args:
        name: The program's name.
        about: What its help begins with.
    """
    app = typer.Typer(
        help=about,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            sys.stdout.write(f"{name} {version_of('ondevice-sdk')}\n")
            raise typer.Exit

    @app.callback(help=about)
    def root(
        version: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
        ] = False,
    ) -> None:
        """Take what stands before a command."""

    return app
