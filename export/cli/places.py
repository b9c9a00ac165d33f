"""Where the builder's commands find the models: option, environment, platform's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ondevice.config import default_models_dir

HubOption = Annotated[
    str | None, typer.Option("--hub-url", metavar="URL", help="Model hub or mirror instead of HF_ENDPOINT's.")
]
ModelsOption = Annotated[
    Path | None,
    typer.Option(
        "--models", metavar="DIR", help="Folder of the models, instead of ONDEVICE_MODELS or the platform's cache."
    ),
]


def models_place(option: Path | None) -> Path:
    """Return the folder of the models: the option, else the environment's, else the platform's cache."""
    return option or default_models_dir()
