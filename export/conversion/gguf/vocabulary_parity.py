"""Whether llama.cpp reads a written GGUF file's texts and chats as the folder's own tokenizer does."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from export.conversion.gguf.vocabulary import CONTROL, SourceVocabulary
from export.errors import ConversionError
from ondevice.errors import BundleError, GenerationError
from ondevice.generation.llama.handles import Model
from ondevice.generation.llama.native import lib
from ondevice.generation.llama.vocabulary import Vocabulary
from ondevice.generation.prompts.chat import ChatTemplate, Message, Role

BATTERY: tuple[str, ...] = (
    "Hello, world!",
    " leading and trailing ",
    "two  spaces,   three,    four",
    "tabs\tand\t\ttwo",
    "one\nline\n\nand an empty one\n",
    "windows\r\nlines\r\n\r\n",
    "   indented\n\tcode = {'a': [1, 2, 3]}\n",
    "1 12 123 1234 12345 1234567890 3.14159 1,000,000 0x1F 2026-11-21T07:09:00",
    "I'm, you're, he'll, we've, she'd, it's, DON'T, I'LL",
    "snake_case camelCase kebab-case dotted.name path/to/file.txt https://example.org/?q=a&b=c#d",
    'price: $5.00 (20%) [a] {b} <c> "d" `e` ~f~ ^g^ |h| \\i\\ @j #k *l* +m= n;o:p!?',
    "na\u00efve caf\u00e9 na\u0308ive \u00fcber stra\u00dfe \u0130stanbul",
    "\u4f60\u597d\uff0c\u4e16\u754c\u3002 \u3053\u3093\u306b\u3061\u306f \uc548\ub155",
    "\u041f\u0440\u0438\u0432\u0435\u0442 \u0645\u0631\u062d\u0628\u0627 \u0928\u092e\u0938\u094d\u0924\u0947",
    "\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \u2764\ufe0f \U0001f44d\U0001f3fd",
    "\u00a0non-breaking\u2003em\u200bzero-width\u2028line separator",
    "\u2014 dash \u2026 ellipsis \u201cquotes\u201d \u2018single\u2019",
    "\u2022 bullet \u00b1 \u00bd \u00b2 \u2160 \u0664\u0662",
    "e\u0301 \u0001\u007f control",
    "a" * 40 + " " * 20 + "b" * 40,
)
"""Texts that exporters get wrong: white space, digits, contractions, scripts, combined characters, emoji."""

_CHATS: tuple[tuple[tuple[Role, str], ...], ...] = (
    (("user", "What is 2 + 2?"),),
    (("system", "Answer briefly."), ("user", "Hi!\nWho are you?")),
    (("user", "a"), ("assistant", "b"), ("user", "c")),
)


def check_vocabulary(folder: Path, gguf: Path, vocabulary: SourceVocabulary) -> None:
    """Compare tokens, special tokens, turn ends and rendered chats."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    try:
        model = Model.load(gguf)
    except BundleError:
        raise ConversionError("llama.cpp cannot load the converted model") from None
    with model:
        ours = Vocabulary(model)
        control = [token for token, kind in zip(vocabulary.tokens, vocabulary.types, strict=True) if kind == CONTROL]
        battery = [*BATTERY, *(f"{left} x{right}y" for left, right in pairwise(control))][:512]
        for number, text in enumerate(battery):
            _compare(f"text {number}", tokenizer.encode(text, add_special_tokens=False).ids, _ids(ours, text, False))
            _compare(f"framed text {number}", tokenizer.encode(text).ids, _ids(ours, text, True))
        for end in vocabulary.end_ids:
            if not ours.ends_turn(end):
                raise ConversionError(f"the model ends its turns with the token {end}, but llama.cpp would read on")
        if vocabulary.chat_template is not None:
            _compare_chats(folder, ours, vocabulary.chat_template, tokenizer)


def _compare(what: str, theirs: Sequence[int], ours: Sequence[int]) -> None:
    if list(theirs) != list(ours):
        at = next((i for i, pair in enumerate(zip(theirs, ours, strict=False)) if pair[0] != pair[1]), None)
        where = f"the lengths are {len(theirs)} and {len(ours)}" if at is None else f"they part at token {at}"
        raise ConversionError(
            f"llama.cpp reads {what} of the check in other tokens than the folder's tokenizer: {where}",
            hint="this kind of tokenizer cannot be converted",
        )


def _ids(vocabulary: Vocabulary, text: str, framed: bool) -> list[int]:
    data = text.encode()
    room = len(data) + 8
    buffer = (ctypes.c_int32 * room)()
    count = lib.llama_tokenize(vocabulary.pointer, data, len(data), buffer, room, framed, True)
    return list(buffer[: max(0, count)])


def _compare_chats(folder: Path, ours: Vocabulary, source: str, tokenizer: Any) -> None:  # noqa: ANN401
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    template = ChatTemplate(source, begin=ours.begin_text, end=ours.end_text, neutralize=ours.neutralize)
    n_rendered = 0
    for number, chat in enumerate(_CHATS):
        messages = [{"role": role, "content": content} for role, content in chat]
        try:
            expected = theirs.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        except Exception:  # noqa: S112 - a template may refuse a role; what it refuses says nothing of the conversion
            continue
        n_rendered += 1
        try:
            rendered = template.render([Message(role=role, content=content) for role, content in chat])
        except (BundleError, GenerationError) as error:
            raise ConversionError(f"the chat template cannot be used: {error.message}") from None
        if rendered != expected:
            raise ConversionError(f"chat {number} of the check is rendered differently than by transformers")
        _compare(
            f"chat {number}", tokenizer.encode(expected, add_special_tokens=False).ids, _ids(ours, rendered, False)
        )
    if n_rendered == 0:
        raise ConversionError("the chat template refuses every chat of the check")
