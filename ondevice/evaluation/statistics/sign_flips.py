"""Is a difference beyond chance? If it were none, each user's could as well have had the other sign.

So the signs of whole users are flipped, and the p-value is the share of flips that come out at least as far from 0 as
what was measured. No distribution is assumed. With few users every flip is tried, and the p-value is exact.

Source: Fisher 1935; Phipson & Smyth 2010 for the 1 that is added where flips are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_ENUMERATED = 16
"""Users, over all tasks, up to which every flip is tried."""
N_FLIPS = 10_000
SEED = 20240
_AT_ONCE = 4096


def sign_flip_p(differences: NDArray[np.float64]) -> float | None:
    """Return the two-sided p-value of "these differences have mean 0", or ``None`` for one user.

    Shapes: float64[users], one number a user.
    """
    return pooled_sign_flip_p([differences])


def pooled_sign_flip_p(tasks: Sequence[NDArray[np.float64]]) -> float | None:
    """Return the two-sided p-value of "no task has a difference", flipping the users of each task on their own.

    A flip's figure is the mean over tasks of the mean difference divided by its spread about 0 (the root of the mean
    square). No flip changes that spread, so the tasks weigh alike in all flips, whatever their units. A task of which
    all differences are 0 counts as 0.

    Args:
        tasks: For each task one difference a user, float64[users].

    Returns:
        The p-value; ``None`` where no task has two users.
    """
    scaled = [_scaled(each) for each in tasks if len(each) > 1]
    if not scaled:
        return None
    weights = np.concatenate(scaled)
    n_users = len(weights)
    if not weights.any():
        return 1.0
    # Rounding must not hide that a flip comes out as what was measured.
    least = abs(float(weights.sum())) * (1 - 1e-9)
    is_exact = n_users <= MOST_ENUMERATED
    n_as_far = n_flips = 0
    for signs in _every_flip(n_users) if is_exact else _drawn_flips(n_users):
        n_as_far += int(np.count_nonzero(np.abs(signs @ weights) >= least))
        n_flips += len(signs)
    return n_as_far / n_flips if is_exact else (n_as_far + 1) / (n_flips + 1)


def _scaled(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each user adds to the figure: the mean's share, over the spread about 0."""
    spread = float(np.sqrt(np.mean(differences**2)))
    return np.zeros_like(differences) if spread == 0 else differences / (spread * len(differences))


def _every_flip(n_users: int) -> Iterator[NDArray[np.float64]]:
    """Yield all 2^n rows of signs, some at a time: float64[rows, users]."""
    n_flips = 1 << n_users
    for start in range(0, n_flips, _AT_ONCE):
        numbers = np.arange(start, min(start + _AT_ONCE, n_flips))
        yield _signs((numbers[:, None] >> np.arange(n_users)) & 1)


def _drawn_flips(n_users: int) -> Iterator[NDArray[np.float64]]:
    random = np.random.default_rng(SEED)
    for start in range(0, N_FLIPS, _AT_ONCE):
        n_rows = min(_AT_ONCE, N_FLIPS - start)
        yield _signs(random.integers(0, 2, size=(n_rows, n_users), dtype=np.int8))


def _signs(bits: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    return 1.0 - 2.0 * bits.astype(np.float64)
