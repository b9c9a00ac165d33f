"""Which models of a folder the command line uses where nobody names others: the user's choice, in one small file.

An app names its models itself, and is not told of this choice.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from ondevice.bundle.manifest import is_bundle_name
from ondevice.errors import CorruptError, StorageError
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular
from ondevice.safety.strict_json import Section, parse_json

CHOICE_NAME = "in-use.json"
_MOST_BYTES = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """The names of an encoder and of a language model; ``None`` means the default."""

    encoder: str | None = None
    generator: str | None = None


def read_chosen(models: Path) -> Chosen:
    """Return what was chosen in a folder of models; nothing where there is no such file.

    Raises:
        CorruptError: If the file says something else.
        StorageError: If it cannot be read.
    """
    try:
        data = read_regular(models / CHOICE_NAME, limit_bytes=_MOST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return Chosen()
    except (NotRegularError, TooLongError):
        data = b""
    except OSError as error:
        raise StorageError(f"the file {CHOICE_NAME!r} cannot be read: {error.strerror}") from None
    try:
        section = Section(parse_json(data), "the choice of models", ValueError)
        chosen = Chosen(
            encoder=section.take_optional("encoder", str), generator=section.take_optional("generator", str)
        )
        section.end()
        if not all(is_bundle_name(name) for name in (chosen.encoder, chosen.generator) if name is not None):
            raise ValueError
    except ValueError:
        raise CorruptError(
            f"the file {CHOICE_NAME!r} in {models.name!r} names no models",
            hint="delete it, and choose again: ondevice-models use NAME",
        ) from None
    return chosen


def write_chosen(models: Path, chosen: Chosen) -> None:
    """Keep a choice, in one step.

    Raises:
        StorageError: If the folder cannot be written.
    """
    named = {kind: name for kind, name in asdict(chosen).items() if name is not None}
    try:
        models.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".in-use-", dir=models)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(named, indent=2).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(models / CHOICE_NAME)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"the choice of models cannot be kept: {error.strerror}") from None
