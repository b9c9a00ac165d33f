"""Taking a model away again: out of sight in one step, and then byte for byte."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from export.models.fetching import SCRATCH_NAME
from export.models.placing import size_of, writing
from ondevice.bundle.chosen import Chosen, read_chosen, write_chosen
from ondevice.bundle.manifest import is_bundle_name
from ondevice.errors import NotFoundError


def remove_model(models: Path, name: str) -> int:
    """Delete a model's folder, whatever is in it, and the choice of it; return the bytes that were in it.

    Raises:
        NotFoundError: If there is no model of that name.
        StorageError: If the disk refuses.
    """
    folder = models / name
    if not is_bundle_name(name) or not (folder.is_dir() or folder.is_symlink()):
        raise NotFoundError(f"there is no model {name!r} in {models}", hint="run: ondevice-models list")
    chosen = read_chosen(models)
    with writing(f"the folder of the model {name!r}"):
        if folder.is_symlink():
            folder.unlink()
            n_bytes = 0
        else:
            n_bytes = sum(size_of(path) for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
            (models / SCRATCH_NAME).mkdir(exist_ok=True)
            away = Path(tempfile.mkdtemp(prefix="removed-", dir=models / SCRATCH_NAME))
            folder.rename(away / name)
            shutil.rmtree(away)
    kept = Chosen(
        encoder=None if chosen.encoder == name else chosen.encoder,
        generator=None if chosen.generator == name else chosen.generator,
    )
    if kept != chosen:
        write_chosen(models, kept)
    return n_bytes
