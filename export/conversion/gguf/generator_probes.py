"""A language model's probes: what it finds of a fixed answer here, for devices to compare with what they find."""

from __future__ import annotations

from ondevice.bundle import Bundle
from ondevice.bundle.probes import GeneratorProbes
from ondevice.config import EngineConfig
from ondevice.errors import BundleError
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import Message

TOLERANCE_NATS = 0.25
"""Mean difference per token: other kernels of a right CPU differ by hundredths, wrong arithmetic by whole nats."""

_REQUEST = "Name three things to be seen in a garden after the rain, and say what makes each of them worth a look."
_ANSWER = (
    "A snail on the wall, whose shell is darker when it is wet; drops on the leaves of the cabbage, each of which "
    "holds a small picture of the sky; and the path, where every footprint of the morning has become a pool."
)
_CONTEXT_TOKENS = 512


def make_generator_probes(model: Bundle, *, adapter: bytes | None = None) -> GeneratorProbes:
    """Return how likely the model, with the adapter on it, finds each token of a neutral answer."""
    longest = model.generator.context_tokens if model.generator is not None else _CONTEXT_TOKENS
    with Engine.open(model, config=EngineConfig(context_tokens=min(_CONTEXT_TOKENS, longest))) as engine:
        try:
            prompt = engine.render([Message(role="user", content=_REQUEST)])
        except BundleError:  # a model without a chat template is prompted with plain text
            prompt = f"{_REQUEST}\n"
        if adapter is not None:
            engine.use_adapter(engine.load_adapter(adapter))
        scores = engine.log_likelihood(prompt, _ANSWER)
    return GeneratorProbes(
        prompt=prompt, answer=_ANSWER, log_likelihood=tuple(map(float, scores)), tolerance=TOLERANCE_NATS
    )
