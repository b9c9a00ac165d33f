"""A GGUF file that the user names: can it chat, and what must be known of it?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from export.adding.gguf_header import GgufHeader, read_header
from export.errors import AddError
from ondevice.bundle import GeneratorSpec
from ondevice.errors import OndeviceError
from ondevice.generation.prompts.chat import ChatTemplate, Message
from ondevice.safety.printable import one_line

GENERATOR_FILE = "model.gguf"
_TEMPLATE = "tokenizer.chat_template"
_SAID = "\u2042"
_MOST_NAME_CHARS = 120
_ENCODERS = (
    "bert",
    "modern-bert",
    "nomic-bert",
    "nomic-bert-moe",
    "jina-bert-v2",
    "jina-bert-v3",
    "neo-bert",
    "t5encoder",
)
_NO_MODEL = {
    "adapter": ("it is an adapter and no model", "add the model that it was made for"),
    "mmproj": ("it reads images for another model", "add the language model that lies beside it"),
    "vocab": ("it holds a vocabulary and no model", "add the whole model"),
    "imatrix": ("it holds statistics of a model and no model", "add the model itself"),
}
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageModel:
    """What a GGUF file says of the model in it."""

    title: str
    architecture: str
    license: str
    n_parameters: int
    quantization: str | None
    spec: GeneratorSpec


def look_at_gguf(path: Path, *, n_bytes: int | None = None) -> LanguageModel:
    """Read a GGUF file's header, and refuse what cannot chat; ``n_bytes`` is how long one will be that is arriving.

    Raises:
        AddError: If it cannot; it says why, and what to do.
        BundleError: If its chat template is not valid, or does more than a prompt can need.
    """
    header = read_header(path, n_bytes=n_bytes)
    _require_model(header)
    _require_chat(header)
    context = header.number(f"{header.architecture}.context_length")
    if context is None or not 1 <= context < 2**31:
        raise AddError("its header does not say how long its context is", hint="get a newer file of the model")
    title = one_line(header.text("general.name"))[:_MOST_NAME_CHARS].strip() or path.stem
    return LanguageModel(
        title=title,
        architecture=one_line(header.architecture)[:_MOST_NAME_CHARS],
        license=one_line(header.text("general.license"))[:_MOST_NAME_CHARS].strip(),
        n_parameters=header.n_parameters,
        quantization=_FILE_TYPES.get(header.number("general.file_type") or 0),
        spec=GeneratorSpec(context_tokens=context, base=title),
    )


def _require_model(header: GgufHeader) -> None:
    kind = header.text("general.type")
    if kind in _NO_MODEL or header.architecture == "clip":
        reason, hint = _NO_MODEL.get(kind, _NO_MODEL["mmproj"])
        raise AddError(reason, hint=hint)
    n_parts = header.number("split.count") or 0
    if n_parts > 1:
        raise AddError(
            f"it is one of {n_parts} parts of a model",
            hint="join them with llama.cpp's tool: llama-gguf-split --merge FIRST-PART WHOLE",
        )
    if not header.architecture or not header.n_tensors:
        raise AddError("it holds no model", hint="add the whole model")


def _require_chat(header: GgufHeader) -> None:
    architecture = header.architecture
    if architecture in _ENCODERS or (header.number(f"{architecture}.pooling_type") or 0) > 0:
        raise AddError(
            f"it makes vectors of texts ({one_line(architecture)[:40]}) and cannot chat",
            hint="add an encoder as a folder with its ONNX graph and tokenizer.json",
        )
    source = header.text(_TEMPLATE)
    if not source:
        raise AddError(
            "it has no chat template, so it was not tuned to chat",
            hint="take the model's variant that is called instruct, chat or it",
        )
    template = ChatTemplate(source, begin="", end="", neutralize=str)
    said = Message(role="user", content=_SAID)
    turn = (said, Message(role="assistant", content="."), said)
    try:
        prompts = [template.render(messages) for messages in ((said,), turn)]
    except OndeviceError as error:
        raise AddError(error.message, hint=error.hint) from None
    if not all(_SAID in prompt for prompt in prompts):
        raise AddError("its chat template leaves out what the user says", hint="get a newer file of the model")
