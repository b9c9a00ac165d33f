"""A folder with an ONNX encoder that the user names: what must be known of it stands in the files beside the graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from export.conversion.onnx.layout import MODULES, read_layout, read_object
from export.errors import AddError, ConversionError
from ondevice.bundle import EncoderSpec, Pooling
from ondevice.safety.printable import one_line

ENCODER_FILE, TOKENIZER_FILE = "model.onnx", "tokenizer.json"
DEFAULT_LENGTH = 256
BESIDE = (
    TOKENIZER_FILE, MODULES, "1_Pooling/config.json", "config.json", "sentence_bert_config.json",
    "config_sentence_transformers.json", "README.md",
)  # fmt: skip
"""What a hub's repository may have that says how the graph is to be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderFolder:
    """What a folder says of the encoder in it."""

    graph: Path
    tokenizer: Path
    license: str
    spec: EncoderSpec

    def specs(self) -> Iterator[EncoderSpec]:
        """Yield what the encoder may be, the likeliest first: a graph may pool by itself whatever stands beside it."""
        yield self.spec
        if self.spec.pooling != "none":
            yield replace(self.spec, pooling="none")


def look_at_encoder(folder: Path, graph: Path, *, pooling: Pooling | None = None) -> EncoderFolder:
    """Read the files beside an ONNX graph.

    Args:
        folder: Where ``modules.json`` lies, if there is one.
        graph: The graph, in that folder or below it.
        pooling: How token states become one vector, where no file says so.

    Raises:
        AddError: If they do not say what must be known.
    """
    _require_whole(graph)
    tokenizer = next((path for at in (graph.parent, folder) if (path := at / TOKENIZER_FILE).is_file()), None)
    if tokenizer is None:
        raise AddError(
            f"there is no {TOKENIZER_FILE} beside {graph.name!r}", hint="put the model's own tokenizer.json there"
        )
    try:
        layout = read_layout(folder)
        config = read_object(folder / "config.json") if (folder / "config.json").is_file() else {}
    except ConversionError as error:
        raise AddError(error.message, hint=error.hint) from None
    if pooling is None and not (folder / MODULES).is_file():
        raise AddError(
            f"there is no {MODULES} in {folder.name!r} that says how token states become one vector",
            hint="put the model's modules.json and 1_Pooling/config.json there, or say it: --pooling mean, cls or none",
        )
    dim = layout.dim or config.get("hidden_size")
    if type(dim) is not int or dim < 1:
        raise AddError("no file says how many numbers its vectors have", hint="put the model's config.json there")
    longest = layout.max_tokens or config.get("max_position_embeddings")
    return EncoderFolder(
        graph=graph,
        tokenizer=tokenizer,
        license=one_line(layout.license or "")[:120],
        spec=EncoderSpec(
            dim=dim,
            pooling=pooling or layout.pooling,
            is_normalized=False,  # as far as anybody says: of the graph alone, and it changes no vector
            max_tokens=longest if type(longest) is int and longest >= 3 else DEFAULT_LENGTH,
            query_prefix=layout.query_prefix,
            passage_prefix=layout.passage_prefix,
        ),
    )


def _require_whole(graph: Path) -> None:
    for name in (f"{graph.name}_data", f"{graph.name}.data", f"{graph.stem}.onnx_data"):
        if (graph.parent / name).exists():
            raise AddError(
                f"the graph's weights lie in a second file, {name!r}", hint="take a variant in one file, such as int8"
            )
