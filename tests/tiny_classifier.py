"""Tiny sequence classifiers of every family, saved as transformers saves them, with a tokenizer of their own kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tiny_models import WORDS

_BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
_ROBERTA = ["<s>", "<pad>", "</s>", "<unk>"]
FAMILIES = ("bert", "distilbert", "mpnet", "roberta", "xlm-roberta")


def make_classifier(
    folder: Path, *, family: str = "bert", n_labels: int = 1, positions: int = 66, seed: int = 5, spread: float = 1.0
) -> Path:
    """Write a random classifier (32 numbers wide, two layers) into ``folder`` and return the folder.

    Args:
        folder: Created if need be.
        family: One of :data:`FAMILIES`.
        n_labels: Outputs.
        positions: Rows of the position table.
        seed: Of the weights.
        spread: Weights are this many times as large as transformers initializes them for a small model.
    """
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    torch.manual_seed(seed)
    shape: dict[str, Any] = {
        "vocab_size": 4 + len(WORDS),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
    }
    if family == "distilbert":
        shape = dict(zip(["vocab_size", "dim", "n_layers", "n_heads", "hidden_dim"], shape.values(), strict=True))
    if family in ("roberta", "xlm-roberta"):
        shape["type_vocab_size"] = 1
    config = AutoConfig.for_model(
        family, **shape, max_position_embeddings=positions, num_labels=n_labels, initializer_range=0.3 * spread
    )
    model = AutoModelForSequenceClassification.from_config(config)
    model.save_pretrained(str(folder))
    write_classifier_tokenizer(folder, is_bert=family in ("bert", "distilbert"))
    return folder


def write_classifier_tokenizer(folder: Path, *, is_bert: bool = True) -> None:
    """Write ``tokenizer.json`` and ``tokenizer_config.json``: words, joined as BERT or as RoBERTa joins pairs."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    names = _BERT if is_bert else _ROBERTA
    vocabulary = {word: index for index, word in enumerate([*names, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=names[1 if is_bert else 3]))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    pair = "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1" if is_bert else "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0"
    first, last = (names[2], names[3]) if is_bert else (names[0], names[2])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=pair,
        special_tokens=[(first, vocabulary[first]), (last, vocabulary[last])],
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(str(folder))
