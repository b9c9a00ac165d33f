"""Where a training is kept in a file, so that one that is stopped goes on: always a whole one, or the one before."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ondevice.adaptation.lora.checkpoint import Checkpoint
from ondevice.adaptation.lora.weights import read_shape
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.errors import StorageError
from ondevice.safety.regular_files import read_regular

MAX_BYTES = 64 << 30


def read_checkpoint(path: Path) -> bytes | None:
    """Return the checkpoint that was kept; ``None`` where there is none, once it is sure that one could be kept.

    Raises:
        StorageError: If it cannot be read, or its folder cannot be written: told before the training, not after hours.
    """
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise StorageError(
            f"the checkpoint {path.name!r} cannot be kept: its folder is not there, or cannot be written",
            hint="make the folder, or name another place with --checkpoint",
        )
    try:
        return read_regular(path, limit_bytes=MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"the checkpoint {path.name!r} cannot be read: {error.strerror}",
            hint="name another place with --checkpoint",
        ) from None


def check_checkpoint(path: Path, base: Path, recipe: LoraRecipe, config: TrainingConfig) -> None:
    """Refuse a checkpoint from which this training cannot go on, as far as that is known without its examples.

    Args:
        path: Where it is kept; there may be none yet.
        base: The GGUF file that is trained on.
        recipe: Where matrices go.
        config: How it is trained.

    Raises:
        AdaptationError: If it belongs to a training with another recipe, other settings or another base.
        CorruptError, VersionError: If it cannot be used.
        StorageError: As :func:`read_checkpoint`.
    """
    data = read_checkpoint(path)
    if data is not None:
        Checkpoint.from_bytes(data).check_settings(recipe, config, read_shape(base))


def keep_checkpoint(path: Path, data: bytes) -> None:
    """Write a checkpoint in place of the one before, so that there is always a whole one.

    Raises:
        StorageError: If the disk refuses; the one before stays.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise StorageError(
            f"the checkpoint {path.name!r} cannot be written: {error.strerror}",
            hint="make room and run the same command again: it goes on from the checkpoint before",
        ) from None
