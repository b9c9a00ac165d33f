"""Tiny encoders in the layout of sentence-transformers, made on the spot from transformers' own classes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.tiny_models import WORDS

SPECIAL = {
    "bert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
    "distilbert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
    "mpnet": ["<s>", "<pad>", "</s>", "[UNK]"],
    "roberta": ["<s>", "<pad>", "</s>", "[UNK]"],
    "xlm-roberta": ["<s>", "<pad>", "</s>", "[UNK]"],
}
MAX_TOKENS = 24
DIM = 32


def make_tiny_checkpoint(
    folder: Path,
    *,
    architecture: str = "bert",
    pooling: str = "mean",
    normalizes: bool = True,
    seed: int = 3,
) -> Path:
    """Write a checkpoint of two layers into ``folder`` (created) and return it. Deterministic in all arguments."""
    import torch
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder.mkdir(parents=True)
    vocabulary = [*SPECIAL[architecture], *WORDS]
    sizes = {
        "vocab_size": len(vocabulary),
        "hidden_size": DIM,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 40,
        "initializer_range": 0.3,
        "hidden_dropout_prob": 0.0,
    }
    if architecture == "distilbert":
        own = {"dim": DIM, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}
        sizes = {key: sizes[key] for key in ("vocab_size", "max_position_embeddings", "initializer_range")} | own
    elif "[CLS]" not in vocabulary:
        sizes |= {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    torch.manual_seed(seed)
    model = AutoModel.from_config(AutoConfig.for_model(architecture, **sizes)).eval()
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if name.endswith("bias") or "norm" in name.lower():
                tensor.add_(torch.randn_like(tensor) * 0.1)  # so that a forgotten bias shows
    model.save_pretrained(folder)
    _write_tokenizer(folder / "tokenizer.json", vocabulary)
    modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling")]
    modules += [("2", "2_Normalize", "Normalize")] if normalizes else []
    write_json(
        folder / "modules.json",
        [
            {"idx": int(name), "name": name, "path": path, "type": f"sentence_transformers.models.{kind}"}
            for name, path, kind in modules
        ],
    )
    (folder / "1_Pooling").mkdir()
    write_json(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": DIM,
            "pooling_mode_cls_token": pooling == "cls",
            "pooling_mode_mean_tokens": pooling == "mean",
            "pooling_mode_max_tokens": pooling == "max",
        },
    )
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": MAX_TOKENS, "do_lower_case": False})
    return folder


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def edit_json(path: Path, **changes: object) -> None:
    """Set fields of a JSON object in a file; a value of ``None`` is written as null."""
    write_json(path, json.loads(path.read_text("utf-8")) | changes)


def _write_tokenizer(path: Path, vocabulary: list[str]) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    ids = {word: index for index, word in enumerate(vocabulary)}
    start, end = ("[CLS]", "[SEP]") if "[CLS]" in ids else ("<s>", "</s>")
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}", special_tokens=[(start, ids[start]), (end, ids[end])]
    )
    tokenizer.save(str(path))
