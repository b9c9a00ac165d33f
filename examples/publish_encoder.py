"""Publish an encoder and use it as a device does: convert, measure, sign, install under a pinned key, encode.

Run it with ``python examples/publish_encoder.py [FOLDER]``; without a path everything is temporary.
"""

import sys
import tempfile
from pathlib import Path

import tokenizers
import transformers

from export.conversion.about import About
from export.conversion.onnx.encoder import convert_encoder
from export.publishing import keygen, load_private_key, publish
from ondevice import install_bundle
from ondevice.retrieval.encoding.encoder import Encoder


def main(folder: Path) -> None:
    """Go the whole way, from weights to vectors."""
    # Stands in for your training: a tiny BERT that knows seven words.
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "rose", "garden", "harbour"]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(dict(zip(words, range(7), strict=True)), "[UNK]"))
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    trained, bundle = folder / "trained", folder / "bundle"
    transformers.BertModel(transformers.BertConfig(vocab_size=7, **size)).save_pretrained(trained)
    tokenizer.save(str(trained / "tokenizer.json"))
    convert_encoder(trained, bundle, About(name="mine", version="1.0", license="MIT"), recipe="fp16-weights")
    publisher = keygen(folder / "key.pem", passphrase="correct horse battery staple")
    key = load_private_key(folder / "key.pem", "correct horse battery staple")
    archive = publish(bundle, folder / "archives", key=key).archive
    with Encoder.open(install_bundle(archive, models=folder / "models", publishers=[publisher]).bundle) as encoder:
        print(f"{archive.name} by {publisher.fingerprint}: {encoder.encode_passages(['rose garden']).shape}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary))
