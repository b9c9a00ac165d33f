"""A Hugging Face tokenizer as GGUF describes one: tokens, merges, special tokens, pre-tokenizer, chat template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from export.conversion.onnx.layout import read_object
from export.errors import ConversionError
from ondevice.safety.regular_files import read_regular

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
"""GGUF's types of tokens."""

_QWEN = r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
_LLAMA3 = r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
_BYTE_TOKENS = frozenset(f"<0x{byte:02X}>" for byte in range(256))
_UNREACHED_SCORE = -1e6
MAX_TEMPLATE_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceVocabulary:
    """All that GGUF stores of a tokenizer.

    Args:
        model: ``gpt2`` (byte-level BPE) or ``llama`` (SentencePiece's BPE with byte fallback).
        pre: llama.cpp's name of the way a text is split before merging.
        tokens: The written form of every token, by id.
        types: GGUF's type of every token.
        merges: Byte-level BPE's merges, each ``left right``.
        scores: SentencePiece's scores.
        special: GGUF's role of a token (``bos``, ``eos``, ``unk``, ``pad``) → its id.
        end_ids: Every token the model ends a turn with, as its own files say.
        adds_begin: Whether the tokenizer puts the ``bos`` token first.
        adds_end: Whether it puts the ``eos`` token last.
        adds_space: Whether SentencePiece puts a space first.
        chat_template: The Jinja template, if the tokenizer has one.
    """

    model: Literal["gpt2", "llama"]
    pre: str
    tokens: tuple[str, ...] = field(repr=False)
    types: tuple[int, ...] = field(repr=False)
    merges: tuple[str, ...] = field(repr=False)
    scores: tuple[float, ...] = field(repr=False)
    special: Mapping[str, int]
    end_ids: tuple[int, ...]
    adds_begin: bool
    adds_end: bool
    adds_space: bool
    chat_template: str | None = field(repr=False)


def read_vocabulary(folder: Path, *, n_vocabulary: int) -> SourceVocabulary:
    """Read the tokenizer of a model folder.

    Args:
        folder: The folder with ``tokenizer.json``.
        n_vocabulary: Rows of the embedding table; ids that the tokenizer leaves free are marked as unused.
    """
    if not (folder / "tokenizer.json").is_file():
        raise ConversionError(
            f"the folder {folder.name!r} has no tokenizer",
            hint="save the tokenizer beside the model, as tokenizer.json",
        )
    described = read_object(folder / "tokenizer.json")
    config = read_object(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").is_file() else {}
    model = described.get("model") or {}
    if model.get("type") != "BPE":
        raise ConversionError(f"a tokenizer of the type {model.get('type')!r} cannot be converted", hint="BPE can")
    by_id, types = _tokens(described, model, n_vocabulary)
    ids = {token: number for number, token in enumerate(by_id)}
    is_sentence_piece = bool(model.get("byte_fallback"))
    merges = tuple(pair if isinstance(pair, str) else " ".join(pair) for pair in model.get("merges") or [])
    special = _special(folder, config, ids)
    begins, ends = _frame(folder)
    return SourceVocabulary(
        model="llama" if is_sentence_piece else "gpt2",
        pre="default" if is_sentence_piece else _pre_tokenizer(described.get("pre_tokenizer")),
        tokens=by_id,
        types=tuple(_with_bytes(by_id, types) if is_sentence_piece else types),
        merges=() if is_sentence_piece else merges,
        scores=_scores(by_id, merges) if is_sentence_piece else (),
        special=special,
        end_ids=_end_ids(folder, special),
        adds_begin=begins == [special.get("bos")],
        adds_end=ends == [special.get("eos")],
        adds_space=is_sentence_piece and "▁" in json.dumps(described.get("normalizer"), ensure_ascii=False),
        chat_template=_chat_template(folder, config),
    )


def _tokens(
    described: Mapping[str, Any], model: Mapping[str, Any], n_vocabulary: int
) -> tuple[tuple[str, ...], list[int]]:
    words: dict[int, str] = {number: token for token, number in model["vocab"].items()}
    types = dict.fromkeys(words, NORMAL)
    for added in described.get("added_tokens") or []:
        words[added["id"]] = added["content"]
        types[added["id"]] = CONTROL if added.get("special") else USER_DEFINED
    if words and max(words) >= n_vocabulary:
        raise ConversionError(f"the tokenizer has the id {max(words)}, but the model has {n_vocabulary} embeddings")
    tokens = tuple(words.get(number, f"[PAD{number}]") for number in range(n_vocabulary))
    if len(set(tokens)) != len(tokens):
        raise ConversionError(f"{len(tokens) - len(set(tokens))} tokens of the tokenizer are written like another one")
    return tokens, [types.get(number, UNUSED) for number in range(n_vocabulary)]


def _with_bytes(tokens: tuple[str, ...], types: list[int]) -> list[int]:
    return [
        BYTE if token in _BYTE_TOKENS else UNKNOWN if token == "<unk>" else kind  # noqa: S105 - a token of the tokenizer
        for token, kind in zip(tokens, types, strict=True)
    ]


def _scores(tokens: tuple[str, ...], merges: tuple[str, ...]) -> tuple[float, ...]:
    """Give every token the rank of the first merge that makes it: SentencePiece merges the highest score first."""
    ranks: dict[str, int] = {}
    for rank, pair in enumerate(merges):
        ranks.setdefault(pair.replace(" ", "", 1), rank)
    return tuple(-float(ranks[token]) if token in ranks else _UNREACHED_SCORE for token in tokens)


def _pre_tokenizer(described: Mapping[str, Any] | None) -> str:
    """Name the splitting in llama.cpp's words; whether the name is right is tried on texts afterwards."""
    steps = (
        [described] if described and described.get("type") != "Sequence" else (described or {}).get("pretokenizers", [])
    )
    kinds = [step.get("type") for step in steps]
    if kinds == ["ByteLevel"]:
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and steps[0].get("individual_digits"):
        return "smollm"
    if kinds == ["Split", "ByteLevel"]:
        pattern = str((steps[0].get("pattern") or {}).get("Regex"))
        for part, name in ((_LLAMA3, "llama-bpe"), (_QWEN, "qwen2")):
            if part in pattern:
                return name
    raise ConversionError(
        "the tokenizer splits texts in a way that llama.cpp has no name for here",
        hint="supported are the splittings of gpt-2, smollm, llama 3 and qwen2",
    )


def _special(folder: Path, config: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, int]:
    path = folder / "special_tokens_map.json"
    named = {**(read_object(path) if path.is_file() else {}), **config}
    found: dict[str, int] = {}
    for role in ("bos", "eos", "unk", "pad"):
        token = named.get(f"{role}_token")
        written = token.get("content") if isinstance(token, dict) else token
        if written is None:
            continue
        if written not in ids:
            raise ConversionError(f"the tokenizer names a {role} token that its vocabulary does not have")
        found[role] = ids[written]
    if "eos" not in found:
        raise ConversionError("the tokenizer names no eos token, so no answer would end", hint="tokenizer_config.json")
    return found


def _end_ids(folder: Path, special: Mapping[str, int]) -> tuple[int, ...]:
    path = folder / "generation_config.json"
    value = read_object(path).get("eos_token_id") if path.is_file() else None
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(dict.fromkeys([special["eos"], *(int(each) for each in listed)]))


def _frame(folder: Path) -> tuple[list[int], list[int]]:
    """Return what the tokenizer puts before and behind a text."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception:  # the library raises bare exceptions
        raise ConversionError("the file 'tokenizer.json' is not a tokenizer") from None
    plain: list[int] = tokenizer.encode("a", add_special_tokens=False).ids
    framed: list[int] = tokenizer.encode("a").ids
    starts = (n for n in range(len(framed) - len(plain) + 1) if framed[n : n + len(plain)] == plain)
    start = next(starts, 0)
    return framed[:start], framed[start + len(plain) :]


def _chat_template(folder: Path, config: Mapping[str, Any]) -> str | None:
    path = folder / "chat_template.jinja"
    if path.is_file():
        return read_regular(path, limit_bytes=MAX_TEMPLATE_BYTES).decode("utf-8")
    template = config.get("chat_template")
    if isinstance(template, list):  # several named ones: the one that transformers takes without a name
        template = next((each.get("template") for each in template if each.get("name") == "default"), None)
    return template if isinstance(template, str) else None
