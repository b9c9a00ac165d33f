"""A refinement in a profile without learning: a random query map, kept as a learned one would be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ondevice import Personalizer
from ondevice.learned import RefinementReport
from ondevice.retrieval.query_map import QueryMap
from ondevice.retrieval.refining import Refined

REPORT = RefinementReport(
    task="chat",
    n_pairs=10,
    n_held_out=3,
    n_dropped=1,
    n_prompts=40,
    loss_before=0.5,
    loss_after=0.4,
    reward_before=-3.0,
    reward_after=-2.9,
    n_steps=7,
    seconds=1.5,
    is_cut=False,
)


def random_map(encoder_id: str, *, dim: int = 32, rank: int = 4, seed: int = 1) -> QueryMap:
    """Return a map that turns every query far."""
    up, down = np.random.default_rng(seed).normal(0, 1.0, (2, dim, rank)).astype(np.float32)
    return QueryMap(encoder_id=encoder_id, up=up, down=down)


def keep_refinement(me: Personalizer, item_ids: Sequence[str], *, seed: int = 1) -> QueryMap:
    """Keep a random map in the profile, in use, as if it had been learned from these items."""
    made = random_map(me.encoders.bundle().id, dim=me.encoders.encoder().dim, seed=seed)
    refined = Refined(
        map=made,
        n_used=REPORT.n_pairs,
        n_held_out=REPORT.n_held_out,
        loss_before=REPORT.loss_before,
        loss_after=REPORT.loss_after,
        reward_before=REPORT.reward_before,
        reward_after=REPORT.reward_after,
        scale=10.0,
        temperature=0.1,
        n_steps=REPORT.n_steps,
        stopped="done",
    )
    me.refinement._keep(refined, REPORT, item_ids)
    return made
