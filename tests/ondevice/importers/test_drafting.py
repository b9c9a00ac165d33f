from __future__ import annotations

import pytest

from ondevice.errors import InputError
from ondevice.importers import drafting
from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.vault import content

PLACE = RecordPlace("notes.jsonl", "line 7")


def test_limits_are_the_stores() -> None:
    for name in ("MAX_TEXT_CHARS", "MAX_VALUE_CHARS", "MAX_LIST_VALUES", "MAX_KEYS", "MAX_KEY_CHARS", "MAX_KIND_CHARS"):
        assert getattr(drafting, name) == getattr(content, name)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"text": None}, "the field 'text' must be a string, not null"),
        ({"text": " \n"}, "the field 'text' is empty"),
        ({"text": "\ud800"}, "the field 'text' is not valid Unicode: it holds half a surrogate pair"),
        ({"text": "x", "kind": ""}, "the field 'kind' must have 1 to 64 printable characters"),
        ({"text": "x", "kind": "a\nb"}, "the field 'kind' must have 1 to 64 printable characters"),
        ({"text": "x", "kind": 3}, "the field 'kind' must be a string, not a number"),
        ({"text": "x", "fields": {"n": 2**63}}, "the field 'n' does not fit 64 bits"),
        ({"text": "x", "fields": {"n": float("inf")}}, "the field 'n' is not a finite number"),
        (
            {"text": "x", "fields": {"n": []}},
            "the field 'n' must be a string, a number, true, false or null, not a list",
        ),
        (
            {"text": "x", "metadata": {"n": [{}]}},
            "the field 'n' must be a string, a number, true, false or null, not an object",
        ),
        (
            {"text": "x", "metadata": {"n": [1] * 1001}},
            "the list 'n' has 1001 values, and at most 1000 are allowed",
        ),
        (
            {"text": "x", "metadata": {"n": ["x" * 250_001, "y" * 250_000]}},
            "the list 'n' has 500001 characters, and at most 500000 are allowed",
        ),
        (
            {"text": "x", "metadata": {"": 1}},
            "a name in 'metadata' must have 1 to 100 characters of valid Unicode",
        ),
        (
            {"text": "x", "fields": {str(n): n for n in range(101)}},
            "there are 101 fields, and at most 100 are allowed",
        ),
        (
            {"text": "x" * 2_000_001},
            "the field 'text' has 2000001 characters, and at most 2000000 are allowed",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_place(values: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError) as caught:
        make_draft(PLACE, **values)  # type: ignore[arg-type]
    assert caught.value.message == f"notes.jsonl, line 7: {reason}"


def test_what_is_checked_here_passes_the_store() -> None:
    draft = make_draft(
        PLACE,
        text="x",
        fields={"a": 1, "b": 0.5, "c": True, "d": None, "e": "y"},
        metadata={"m": -(2**63), "l": ["a", 1, None]},
    )
    assert content.checked(draft).fields == '{"a":1,"b":0.5,"c":true,"d":null,"e":"y"}'
