"""Small JSON files that a command measured and another one puts into a bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ondevice.bundle.specs import UNUSABLE
from ondevice.errors import InputError, ManifestError, NotFoundError, StorageError
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular
from ondevice.safety.strict_json import LooseJsonError, parse_json

_MAX_BYTES = 1 << 16

T = TypeVar("T")


def read_measured(path: Path, parse: Callable[[object], T], *, by: str) -> T:
    """Read what a command of ``ondevice-export`` wrote.

    Args:
        path: The file.
        parse: Reads its value, or raises a ``ManifestError``.
        by: The command.

    Raises:
        InputError: If it is something else.
        NotFoundError, StorageError: If it is not there or cannot be read.
    """
    hint = f"write it: ondevice-export {by}"

    def unlike(reason: str) -> InputError:
        return InputError(f"the file {path.name!r} is not what {by} writes: {reason}", hint=hint)

    try:
        return parse(parse_json(read_regular(path, limit_bytes=_MAX_BYTES)))
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path.name!r}", hint=hint) from None
    except (NotRegularError, TooLongError) as error:
        raise unlike(str(error.strerror)) from None
    except OSError as error:
        raise StorageError(f"the file {path.name!r} cannot be read: {error.strerror}") from None
    except LooseJsonError as error:
        raise unlike(str(error)) from None
    except ValueError:
        raise unlike("it is not json") from None
    except ManifestError as error:
        raise unlike(error.message.removeprefix(UNUSABLE)) from None
