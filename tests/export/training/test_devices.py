from __future__ import annotations

import pytest

from export.training.devices import check_device
from ondevice.errors import AdaptationError


@pytest.mark.parametrize("name", ["abacus", "cpu:x", "meta", ""])
def test_where_nothing_can_be_computed_is_refused(name: str) -> None:
    check_device("cpu")
    with pytest.raises(AdaptationError, match=f"cannot compute on the device '{name}' here"):
        check_device(name)
