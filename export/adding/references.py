"""What a user names to be added: a file or a folder on this machine, or something on the model hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ondevice.bundle.manifest import is_bundle_name
from ondevice.errors import InputError, NotFoundError

PREFIX = "hf:"
FORM = "hf:OWNER/REPO, hf:OWNER/REPO:QUANT or hf:OWNER/REPO/FILE, with @REVISION behind it or not"
_PART = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,96}")
_QUANTIZATION = re.compile(r"[A-Za-z0-9_-]{1,32}")
_REVISION = re.compile(r"[A-Za-z0-9._/-]{1,128}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class HubReference:
    """A repository on the model hub, and what of it is meant."""

    repo: str
    revision: str = "main"
    quantization: str | None = None
    file: str | None = None


def parse_reference(text: str) -> HubReference | Path:
    """Read what was typed.

    Raises:
        InputError: If it begins as something on the hub and goes on otherwise.
        NotFoundError: If there is no such file or folder.
    """
    if not text.startswith(PREFIX):
        path = Path(text)
        if not path.exists():
            raise NotFoundError(f"there is no file or folder {text!r}", hint=f"or something on the model hub: {FORM}")
        return path
    rest, at, revision = text.removeprefix(PREFIX).partition("@")
    owner, _, rest = rest.partition("/")
    repo, slash, file = rest.partition("/")
    repo, colon, quantization = repo.partition(":")
    is_right = (
        all(map(_PART.fullmatch, (owner, repo)))
        and (not at or _is_revision(revision))
        and (not slash or all(map(_is_in_folder, file.split("/"))))
        and (not colon or (not slash and _QUANTIZATION.fullmatch(quantization)))
    )
    if not is_right:
        raise InputError("that names nothing on the model hub", hint=f"write it as {FORM}")
    return HubReference(
        repo=f"{owner}/{repo}",
        revision=revision or "main",
        quantization=quantization or None,
        file=file or None,
    )


def name_of(text: str) -> str:
    """Return the name that a model gets which is called ``text`` elsewhere.

    Raises:
        InputError: If nothing of it can stand in a name.
    """
    name = _NOT_IN_NAMES.sub("-", text.lower()).strip("-._")[:64].rstrip("-._")
    if not is_bundle_name(name):
        raise InputError("its name makes no name of a model", hint="give it one: --name")
    return name


def _is_revision(text: str) -> bool:
    return _REVISION.fullmatch(text) is not None and ".." not in text and not text.startswith("/")


def _is_in_folder(part: str) -> bool:
    return part not in ("", ".", "..") and "\\" not in part and len(part) <= 255 and part.isprintable()
