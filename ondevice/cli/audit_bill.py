"""``ondevice audit sbom``: a bill of materials of the SDK as it is installed, and of its models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ondevice.bundle.model_set import ModelSet
from ondevice.cli.access import ModelChoice
from ondevice.cli.audit_verify import verify
from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.errors import StorageError


def sbom(
    output: Output,
    use: ModelChoice,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; must be new.")],
) -> None:
    """Write what the SDK is made of as a CycloneDX document (SBOM): packages, their machine code, models, licences.

    The same packages and models give the same bytes. It names no folder of this machine, and no profile is needed. It
    needs the extra 'audit'.
    """
    from ondevice.privacy.supply_chain import sbom as bill_of

    models = ModelSet(
        use.models, encoder=use.encoder, generator=use.generator, adapter=use.adapter, publishers=use.publishers
    )
    try:
        with output.working("reading packages and models"):
            text = bill_of(models)
    except ImportError as error:
        raise UsageError(str(error)) from None
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise UsageError(f"there is something at {file} already: name a new file") from None
    except OSError as error:
        raise StorageError(f"cannot write {file}: {error.strerror}", hint="name a place that can be written") from None
    n_components = len(json.loads(text).get("components", ()))
    output.result({"file": file, "components": n_components}, f"{n_components} components, in {file}")


AUDIT_COMMANDS: dict[str, Callable[..., None]] = {"verify": verify, "sbom": sbom}
