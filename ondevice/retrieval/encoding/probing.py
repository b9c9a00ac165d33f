"""Run the probes of encoders, selectors and projectors: does this CPU compute what the converting one did?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle.probes import EncoderProbes, ProjectorProbes, SelectorProbes
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.encoding.projector import Projector
from ondevice.retrieval.encoding.selector import CrossEncoder

HINT = "this CPU computes it otherwise than the publisher's did: use another version"


def probe_encoder(encoder: Encoder, probes: EncoderProbes) -> float:
    """Return the least cosine between the vectors made here and the bundle's.

    Raises:
        BundleError: If it is below the bound, or the graph fails.
        ModelMismatchError: If the bundle's vectors are of another length than the encoder's.
    """
    return _check_cosine(encoder.id, encoder.encode_passages(probes.texts), probes.vectors, probes.min_cosine)


def probe_projector(projector: Projector, probes: ProjectorProbes) -> float:
    """Return the least cosine between the vectors mapped here and the bundle's; raises as :func:`probe_encoder`."""
    given = np.array(probes.vectors, np.float32)
    if given.shape[1] != projector.n_in:
        raise ModelMismatchError(
            f"the probes of {projector.id!r} have vectors of {given.shape[1]} numbers, it takes {projector.n_in}"
        )
    return _check_cosine(projector.id, projector.project(given), probes.projected, probes.min_cosine)


def probe_selector(selector: CrossEncoder, probes: SelectorProbes) -> float:
    """Return the largest difference between the scores made here and the bundle's.

    Raises:
        BundleError: If it is above the bound, or the graph fails.
    """
    scores = selector.score(probes.pairs, batch=1)
    difference = float(np.abs(scores - np.array(probes.scores)).max())
    if not difference <= probes.tolerance:
        raise BundleError(
            f"a score of {selector.id!r} is {difference:.4g} off on this machine, more than {probes.tolerance:g}",
            hint=HINT,
        )
    return difference


def _check_cosine(model_id: str, made: NDArray[np.float32], said: tuple[tuple[float, ...], ...], least: float) -> float:
    wanted = np.array(said, np.float64)
    if made.shape != wanted.shape:
        raise ModelMismatchError(
            f"the probes of {model_id!r} have vectors of {wanted.shape[1]} numbers, the model gives {made.shape[1]}"
        )
    norms = np.linalg.norm(made.astype(np.float64), axis=1) * np.linalg.norm(wanted, axis=1)
    cosine = float(((made * wanted).sum(axis=1) / np.maximum(norms, np.finfo(np.float64).tiny)).min())
    if not cosine >= least:
        raise BundleError(
            f"a vector of {model_id!r} has cosine {cosine:.4f} on this machine, less than {least:g}", hint=HINT
        )
    return cosine
