"""A repository on the model hub, at the commit that its name meant when it was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from export.adding.encoders import BESIDE
from export.adding.references import HubReference
from export.errors import AddError, FetchError
from export.models.hub import Hub
from ondevice.safety.printable import one_line

MOST_FILES = 20_000
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PART_OF_MANY = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)
_HELPERS = ("mmproj", "imatrix")
_USUAL = ("Q4_K_M", "Q4_K_S", "Q5_K_M", "Q4_0", "Q8_0")
"""Of many variants the first of these is taken: what most people run, and then what is near it."""
_GRAPHS = ("model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx")


@dataclass(frozen=True, kw_only=True, slots=True)
class HubFile:
    """A file of a repository; the hub tells the SHA-256 of large ones."""

    path: str
    bytes: int
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HubRepo:
    """What a repository holds at a commit, which cannot change any more."""

    repo: str
    commit: str
    license: str
    files: Mapping[str, HubFile]

    def chosen(self, reference: HubReference) -> HubFile:
        """Return the model's file that is meant: the one that was named, or the only one, or the usual one.

        Raises:
            AddError: If there is none; it names what there is.
        """
        if reference.file is not None:
            found = self.files.get(reference.file)
            if found is None:
                raise AddError(f"the repository has no file {reference.file!r}", hint=self._offer())
            return found
        models = self._models()
        if reference.quantization is not None:
            models = [file for file in models if _is_variant(file.path, reference.quantization)]
            if not models:
                raise AddError(f"the repository has no variant {reference.quantization!r}", hint=self._offer())
        usual = [file for name in _USUAL for file in models if _is_variant(file.path, name)]
        graphs = [self.files[path] for path in _GRAPHS if path in self.files and self.files[path] in models]
        best = models if len(models) == 1 or reference.quantization else [*usual, *graphs]
        if not best:
            raise AddError(
                "the repository has no GGUF file or ONNX graph that can be taken"
                if not models
                else "the repository has several models, and none of the usual ones",
                hint=self._offer(),
            )
        return best[0]

    def beside(self, model: HubFile) -> list[HubFile]:
        """Return the small files that say how an encoder's graph is to be used."""
        folder = PurePosixPath(model.path).parent
        wanted = dict.fromkeys([*BESIDE, str(folder / BESIDE[0])])
        return [self.files[path] for path in wanted if path in self.files]

    def _models(self) -> list[HubFile]:
        found = [file for path, file in self.files.items() if path.lower().endswith((".gguf", ".onnx"))]
        found = [file for file in found if not any(word in file.path.lower() for word in _HELPERS)]
        is_gguf = any(file.path.lower().endswith(".gguf") for file in found)
        found = [file for file in found if file.path.lower().endswith(".gguf") or not is_gguf]
        return [file for file in found if not _PART_OF_MANY.search(file.path)]

    def _offer(self) -> str:
        names = [one_line(file.path) for file in self._models()][:12]
        if names:
            return f"it has: {', '.join(names)}"
        if any(path.endswith(".safetensors") for path in self.files):
            return "its weights are for training: look for a repository of the same model that says GGUF"
        return "look for a repository that says GGUF, or for an encoder that says ONNX"


def read_repo(hub: Hub, reference: HubReference) -> HubRepo:
    """Ask the hub which commit is meant, and what lies there.

    Raises:
        NotFoundError: If there is no such repository or revision.
        FetchError: If the hub cannot be reached, or its answer cannot be used.
    """
    revision = quote(reference.revision, safe="")
    answer = hub.ask(f"api/models/{reference.repo}/revision/{revision}?blobs=true")
    commit, listed = answer.get("sha"), answer.get("siblings")
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit) or not isinstance(listed, list):
        raise FetchError("the model hub's answer names no commit and no files")
    if len(listed) > MOST_FILES:
        raise FetchError(f"the repository has {len(listed):,} files, more than {MOST_FILES:,}")
    files = [file for entry in listed if (file := _file(entry)) is not None]
    return HubRepo(
        repo=reference.repo,
        commit=commit,
        license=_license(answer),
        files={file.path: file for file in files},
    )


def _file(entry: Any) -> HubFile | None:  # noqa: ANN401 - what the hub says
    if not isinstance(entry, dict):
        return None
    path, size, large = entry.get("rfilename"), entry.get("size"), entry.get("lfs")
    if not isinstance(path, str) or type(size) is not int or size < 0:
        return None
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path or not path.isprintable():
        return None
    sha256 = large.get("sha256") if isinstance(large, dict) else None
    is_hash = isinstance(sha256, str) and _SHA256.fullmatch(sha256)
    return HubFile(path=path, bytes=size, sha256=sha256 if is_hash else None)


def _license(answer: Mapping[str, Any]) -> str:
    card = answer.get("cardData")
    named = card.get("license") if isinstance(card, dict) else None
    return one_line(named)[:120] if isinstance(named, str) else ""


def _is_variant(path: str, quantization: str) -> bool:
    """Say whether a file's name says that it is this variant, whatever stands around it."""
    name = PurePosixPath(path).stem.lower()
    return re.search(rf"(?:^|[^a-z0-9]){re.escape(quantization.lower())}$", name) is not None
