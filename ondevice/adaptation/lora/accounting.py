"""The accountant: how much noise a bound on privacy needs, and what so many steps with noise come to.

Source: Mironov et al. 2019, arXiv:1908.10530 (Rényi differential privacy of the sampled Gaussian mechanism), as opacus
computes it.
"""

from __future__ import annotations

import math
import warnings
from functools import cache

from ondevice.adaptation.recipes.privacy import Privacy
from ondevice.errors import AdaptationError

_CLOSE = 1.001
_ORDERS = (1.1, 1.25, 1.5, 1.75, 2.5, 3.5, *range(2, 33), 40, 48, 64, 96, 128, 256, 512)
"""Rényi's, of which the best counts: every one holds. The high ones are for a small ε."""
_LEAST_NOISE, _MOST_NOISE = 1e-2, 1e4


@cache
def epsilon_of(*, noise: float, rate: float, n_steps: int, delta: float) -> float:
    """Return the ε of so many steps.

    Args:
        noise: The noise's standard deviation, as a multiple of the largest norm of one pair's gradient.
        rate: How likely a step draws a pair, each by itself.
        n_steps: Steps that were taken.
        delta: δ.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
    """
    from opacus.accountants import RDPAccountant

    if n_steps == 0:
        return 0.0
    accountant = RDPAccountant()
    accountant.history = [(noise, rate, n_steps)]
    with warnings.catch_warnings():  # that a larger order would give a smaller ε: this one holds too
        warnings.simplefilter("ignore")
        return float(accountant.get_epsilon(delta, alphas=list(_ORDERS)))


def noise_for(privacy: Privacy, *, n_pairs: int, n_steps: int) -> float:
    """Return the least noise, as a multiple of ``clip``, with which so many steps keep the bound.

    Raises:
        AdaptationError: If no noise does, or δ is not small enough for so few pairs.
        ImportError: If the extra ``adapt`` is not installed.
    """
    if privacy.delta * n_pairs >= 1:
        raise AdaptationError(
            f"with {n_pairs} pairs a delta of {privacy.delta:g} lets one pair be given away whole",
            hint=f"lower delta well below {1 / n_pairs:.2g}",
        )
    rate = privacy.rate(n_pairs)

    def is_enough(noise: float) -> bool:
        found = epsilon_of(noise=noise, rate=rate, n_steps=n_steps, delta=privacy.delta)
        return math.isfinite(found) and found <= privacy.epsilon

    low, high = _LEAST_NOISE, _MOST_NOISE
    if not is_enough(high):
        raise AdaptationError(
            f"no noise keeps an epsilon of {privacy.epsilon:g} with a delta of {privacy.delta:g} over {n_steps} steps",
            hint="raise epsilon or delta, or train fewer epochs",
        )
    while high > low * _CLOSE:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
