"""The folder layout of sentence-transformers: which modules follow the transformer, and what they are set to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from export.errors import ConversionError
from ondevice.bundle import Pooling
from ondevice.safety.regular_files import read_regular

MODULES = "modules.json"
MAX_TEXT_BYTES = 64 << 20
# Prompt names that mean "a text that searches" and "a text that is searched", in the order they are looked for.
QUERY_PROMPTS = ("query", "search_query", "s2p_query")
PASSAGE_PROMPTS = ("passage", "document", "search_document", "corpus")
_POOLINGS: dict[str, Pooling] = {"mean": "mean", "cls": "cls"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """What the files around a transformer say about it; ``dim`` and ``max_tokens`` are ``None`` where they do not."""

    transformer: str = "."
    pooling: Pooling = "mean"
    dim: int | None = None
    max_tokens: int | None = None
    is_normalized: bool = False
    lowercases: bool = False
    query_prefix: str = ""
    passage_prefix: str = ""
    license: str | None = None
    files: tuple[str, ...] = ()


def read_layout(folder: Path) -> Layout:
    """Read ``modules.json`` and what it points to; a folder without it holds a bare transformer, pooled by the mean."""
    if not folder.is_dir():
        raise ConversionError(f"there is no folder {folder.name!r}")
    license_name = read_license(folder)
    if not (folder / MODULES).is_file():
        return Layout(license=license_name)
    modules = read_modules(folder)
    kinds = [kind for kind, _ in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise ConversionError(
            f"the modules {', '.join(kinds)} cannot be converted",
            hint="supported are: Transformer, Pooling and optionally Normalize, in this order",
        )
    transformer, pooling_at = modules[0][1], modules[1][1]
    pooling, dim = _pooling(read_object(folder / f"{pooling_at}/config.json"))
    settings_at = f"{transformer}/sentence_bert_config.json"
    settings = read_object(folder / settings_at) if (folder / settings_at).is_file() else {}
    prompts_at = "config_sentence_transformers.json"
    prompts = read_object(folder / prompts_at) if (folder / prompts_at).is_file() else {}
    named = prompts.get("prompts") or {}
    default = named.get(prompts.get("default_prompt_name"), "") if isinstance(named, dict) else ""
    if not isinstance(named, dict) or not all(isinstance(text, str) for text in named.values()):
        raise ConversionError(f"the prompts in {prompts_at!r} must be texts by name")
    files = [MODULES, f"{pooling_at}/config.json", settings_at, prompts_at]
    return Layout(
        transformer=transformer,
        pooling=pooling,
        dim=dim,
        max_tokens=_length(settings.get("max_seq_length")),
        is_normalized="Normalize" in kinds,
        lowercases=settings.get("do_lower_case") is True,
        query_prefix=_first(named, QUERY_PROMPTS, default),
        passage_prefix=_first(named, PASSAGE_PROMPTS, default),
        license=license_name,
        files=tuple(PurePosixPath(name).as_posix() for name in files if (folder / name).is_file()),
    )


def read_modules(folder: Path) -> list[tuple[str, str]]:
    """Return the kind and the path of each module that ``modules.json`` lists, in order."""
    entries = _json(folder / MODULES)
    try:
        found = [(str(entry["type"]).rpartition(".")[2], str(entry["path"]) or ".") for entry in entries]
    except (TypeError, KeyError):
        raise ConversionError(f"the file {MODULES!r} must be a list of modules, each with a type and a path") from None
    for _, path in found:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise ConversionError(f"the file {MODULES!r} points outside its folder")
    return found


def _pooling(config: dict[str, Any]) -> tuple[Pooling, int | None]:
    # Older files have one flag a mode, newer ones the name of the mode.
    modes = {name: config.get(f"pooling_mode_{name}_token{'s' if name == 'mean' else ''}") for name in _POOLINGS}
    chosen = [name for name, is_on in modes.items() if is_on is True]
    others = [key for key, is_on in config.items() if key.startswith("pooling_mode_") and is_on is True]
    if isinstance(config.get("pooling_mode"), str):
        chosen, others = [config["pooling_mode"]], [config["pooling_mode"]]
    if len(chosen) != 1 or len(others) != 1 or chosen[0] not in _POOLINGS:
        raise ConversionError(
            f"the pooling {', '.join(others) or 'none'} cannot be converted", hint="supported are: mean, cls"
        )
    if config.get("include_prompt") is False:
        raise ConversionError("a pooling that leaves the prompt out cannot be converted")
    dim = config.get("word_embedding_dimension", config.get("embedding_dimension"))
    if dim is not None and type(dim) is not int:
        raise ConversionError("the pooling's dimension must be a whole number")
    return _POOLINGS[chosen[0]], dim


def _first(prompts: dict[str, str], names: tuple[str, ...], default: str) -> str:
    return next((prompts[name] for name in names if name in prompts), default)


def _length(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or value < 3:
        raise ConversionError("max_seq_length must be a whole number of 3 or more")
    return value


def read_license(folder: Path) -> str | None:
    """Return what the line ``license: …`` in the header of the model card says, if there is one."""
    try:
        card = read_regular(folder / "README.md", limit_bytes=MAX_TEXT_BYTES)
        lines = card.decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    if not lines or lines[0].strip() != "---":
        return None
    for line in lines[1:]:
        if line.strip() == "---":
            break
        key, _, value = line.partition(":")
        if key == "license" and value.strip():
            return value.strip().strip("'\"")
    return None


def read_object(path: Path) -> dict[str, Any]:
    """Read a file that must hold one JSON object."""
    value = _json(path)
    if not isinstance(value, dict):
        raise ConversionError(f"the file {path.name!r} must hold an object, not {type(value).__name__}")
    return value


def _json(path: Path) -> Any:  # noqa: ANN401 (whatever the file holds)
    try:
        return json.loads(read_regular(path, limit_bytes=MAX_TEXT_BYTES))
    except FileNotFoundError:
        raise ConversionError(f"the file {path.name!r} is missing in {path.parent.name!r}") from None
    except OSError as error:
        raise ConversionError(
            f"the file {path.name!r} in {path.parent.name!r} cannot be read: {error.strerror}"
        ) from None
    except (ValueError, RecursionError):
        raise ConversionError(f"the file {path.name!r} is not valid JSON") from None
