from __future__ import annotations

from typing import Any

import pytest

from ondevice.evaluation.note_reading.run import NotesPlan


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"people": 0}, "people must be 1 or more, not 0"),
        ({"questions": -1}, "questions must be 1 or more, not -1"),
        ({"k": 0}, "k must be 1 or more, not 0"),
        ({"talks": 27}, "talks must be 0 to 26, not 27"),
        ({"conditions": ()}, "name at least one condition"),
        ({"on_unsupported": "withhold"}, "on_unsupported is one of answer, say, empty, not 'withhold'"),
    ],
)
def test_a_plan_that_asks_nothing_is_refused_when_it_is_made(setting: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        NotesPlan(**setting)
