from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.bundle.chosen import CHOICE_NAME, Chosen, read_chosen, write_chosen
from ondevice.errors import CorruptError


def test_a_choice_is_read_as_it_was_kept(tmp_path: Path) -> None:
    models = tmp_path / "models"
    assert read_chosen(models) == Chosen()
    for chosen in (Chosen(generator="a"), Chosen(encoder="b", generator="a"), Chosen()):
        write_chosen(models, chosen)
        assert read_chosen(models) == chosen
    assert [path.name for path in models.iterdir()] == [CHOICE_NAME]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"generator": 5}', b'{"generator": "../x"}', b'{"other": "a"}', b"x" * 5000]
)
def test_a_choice_of_no_models_is_refused_with_a_remedy(tmp_path: Path, data: bytes) -> None:
    (tmp_path / CHOICE_NAME).write_bytes(data)
    with pytest.raises(CorruptError, match="ondevice-models use NAME"):
        read_chosen(tmp_path)
