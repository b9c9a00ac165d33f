"""Tiny language models as transformers saves them: random weights, and a real byte-level BPE tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.tiny_generator import CHAT_TEMPLATE
from tests.tiny_llm import make_model

N_TOKENS = 400
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_CORPUS = (
    "The rain fell on the garden, and the cat slept on the warm stone by the wall.",
    "In 1984 there were 365 days; it's said that 12345 people came, weren't they there?",
    "def total(values):\n    return sum(value * 2 for value in values)\n",
    "  The cat isn't in the garden.  The stone wall is warm.\n\n",
)


def save_folder(folder: Path, architecture: str = "llama", *, pre: str = "smollm", **settings: Any) -> Any:
    """Save a random model with its tokenizer into ``folder`` and return the model."""
    model = make_model(architecture, **settings)
    model.resize_token_embeddings(N_TOKENS, mean_resizing=False)
    model.save_pretrained(folder)
    save_tokenizer(folder, pre)
    return model


def save_tokenizer(folder: Path, pre: str) -> None:
    """Train a byte-level BPE tokenizer on a few sentences, with the splitting that llama.cpp calls ``pre``."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    bytes_alone = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    words = pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = {"qwen2": r"\p{N}", "llama-bpe": r"\p{N}{1,3}"}.get(pre, "")
    contractions = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+"
    split = pre_tokenizers.Split(
        Regex(rf"{contractions}|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), "isolated"
    )
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = {
        "gpt-2": words,
        "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), words]),
        "qwen2": pre_tokenizers.Sequence([split, bytes_alone]),
        "llama-bpe": pre_tokenizers.Sequence([split, bytes_alone]),
    }[pre]
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=N_TOKENS - 8,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*_CORPUS] * 4, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": SPECIAL[1],
        "eos_token": SPECIAL[2],
        "unk_token": SPECIAL[0],
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")


def edit_json(path: Path, **fields: Any) -> None:
    """Change fields of a JSON object; ``None`` removes one."""
    value = json.loads(path.read_text("utf-8")) | fields
    path.write_text(json.dumps({key: each for key, each in value.items() if each is not None}), "utf-8")
