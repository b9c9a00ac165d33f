from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.statistics.power import smallest_effect
from ondevice.evaluation.statistics.sign_flips import sign_flip_p


def test_known_points():
    assert smallest_effect(1.0, 2) == pytest.approx((12.706205 + 1.376382) / 2**0.5, rel=1e-6)
    assert smallest_effect(0.98, 13) == pytest.approx(0.98 * (2.178813 + 0.872609) / 13**0.5, rel=1e-6)
    assert smallest_effect(2.0, 10**6) == pytest.approx(2.0 * 2.801585 / 10**3, rel=1e-4)


def test_four_of_five_runs_find_an_effect_of_that_size():
    random, found, n = np.random.default_rng(1), 0, 200
    effect = smallest_effect(0.7, 14)
    assert effect is not None
    for _ in range(n):
        p = sign_flip_p(random.normal(effect, 0.7, size=14))
        assert p is not None
        found += p <= 0.05
    assert 0.7 <= found / n <= 0.9


def test_one_user_can_show_nothing():
    assert smallest_effect(0.0, 1) is None
    assert smallest_effect(0.0, 9) is None
    with pytest.raises(ValueError, match="not below 0"):
        smallest_effect(-1.0, 9)
