"""Run a language model's probes: does this CPU find an answer as likely as the converting one did?"""

from __future__ import annotations

import numpy as np

from ondevice.bundle.probes import GeneratorProbes
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.generation.llama.engine import Engine


def probe_generator(engine: Engine, probes: GeneratorProbes) -> float:
    """Return the mean absolute difference of the tokens' log-likelihoods made here and the bundle's (nats).

    Raises:
        BundleError: If it is above the bound.
        ModelMismatchError: If the answer has another number of tokens here.
        ContextOverflowError: If the probe does not fit the context.
        GenerationError: If the runtime fails.
    """
    made = engine.log_likelihood(probes.prompt, probes.answer)
    if len(made) != len(probes.log_likelihood):
        raise ModelMismatchError(
            f"the probe's answer has {len(made)} tokens in {engine.model_id!r}, its file says"
            f" {len(probes.log_likelihood)}"
        )
    difference = float(np.abs(made - np.array(probes.log_likelihood)).mean())
    # Not a number is no agreement.
    if not difference <= probes.tolerance:
        raise BundleError(
            f"{engine.model_id!r} finds the probe's tokens {difference:.4g} nats off on this machine, more than"
            f" {probes.tolerance:g}",
            hint="this CPU computes it otherwise than the publisher's did: use another version",
        )
    return difference
