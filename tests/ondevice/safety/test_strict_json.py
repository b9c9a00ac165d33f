"""JSON has one meaning or none, and an object exactly the fields that somebody asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from ondevice.errors import InputError
from ondevice.safety.strict_json import LooseJsonError, Section, parse_json, read_record


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    name: str
    km: float
    steps: int | None = None
    stops: tuple[str, ...] = ()
    is_loop: bool = False
    season: Literal["summer", "winter"] = "summer"
    heights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.km < 0:
            raise ValueError("a walk has a length")


WALK: dict[str, Any] = {
    "name": "harbour",
    "km": 3,
    "steps": 4000,
    "stops": ["pier"],
    "is_loop": True,
    "season": "winter",
    "heights": {"pier": 2},
}


@pytest.mark.parametrize("text", ['{"a": [1, 2.5, null, true, "x"]}', b'{"a": [1, 2.5, null, true, "x"]}'])
def test_what_has_one_meaning_is_read(text: str | bytes) -> None:
    assert parse_json(text) == {"a": [1, 2.5, None, True, "x"]}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "a": 1}', "a name stands twice"),
        ('[{"b": {"a": 1, "a": 2}}]', "a name stands twice"),
        ("[NaN]", "NaN is not a number"),
        ("-Infinity", "-Infinity is not a number"),
        ("[-1e999]", "a number is too large"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_python_would_take_is_refused_without_its_words(text: str, reason: str) -> None:
    with pytest.raises(LooseJsonError, match=reason):
        parse_json(text)


@pytest.mark.parametrize("text", ["", "{", b"\xff", "nothing", "[1,]"])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the callers say what it was
        parse_json(text)


@pytest.mark.parametrize("text", ["[1.0]", "1e3"])
def test_fractions_and_exponents_can_be_left_out(text: str) -> None:
    assert parse_json(text) in ([1], 1000)
    with pytest.raises(LooseJsonError, match="not whole"):
        parse_json(text, has_fractions=False)


def test_names_that_are_the_same_once_mended_stand_twice() -> None:
    assert parse_json('{"a-": "b-", "c": ["d-"]}', mend=lambda text: text.strip("-")) == {"a": "b", "c": ["d-"]}
    with pytest.raises(LooseJsonError):
        parse_json('{"a-": 1, "a": 2}', mend=lambda text: text.strip("-"))


@pytest.mark.parametrize("km", [10**400, 1e301, float("inf"), float("nan")])
def test_a_number_that_nothing_can_compute_with_is_no_fraction(km: float) -> None:
    with pytest.raises(InputError, match="the field 'km' of a walk must be a finite number"):
        read_record(Walk, WALK | {"km": km}, "a walk", InputError)


def test_a_record_and_its_json_are_the_same() -> None:
    read = read_record(Walk, WALK, "a walk", InputError)
    assert read == Walk(
        name="harbour", km=3, steps=4000, stops=("pier",), is_loop=True, season="winter", heights={"pier": 2}
    )
    assert read_record(Walk, WALK | {"steps": None, "km": 2.5}, "a walk", InputError).steps is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"name": 1}, "'name' of a walk must be str, not int"),
        ({"km": True}, "'km' of a walk must be float, not bool"),
        ({"steps": 1.0}, r"'steps' of a walk must be int \| None, not float"),
        ({"steps": True}, r"'steps' of a walk must be int \| None, not bool"),
        ({"stops": "pier"}, r"'stops' of a walk must be tuple\[str, \.\.\.\], not str"),
        ({"stops": ["pier", 1]}, "'stops' of a walk must be tuple"),
        ({"is_loop": 1}, "'is_loop' of a walk must be bool, not int"),
        ({"season": "autumn"}, "'season' of a walk must be one of summer, winter"),
        ({"season": []}, "'season' of a walk must be one of summer, winter"),
        ({"heights": [2]}, r"'heights' of a walk must be collections\.abc\.Mapping\[str, float\], not list"),
        ({"heights": {"pier": "2"}}, "'heights' of a walk must be"),
        ({"km": -1}, "a walk cannot be used: a walk has a length"),
        ({"more": 1}, "a walk has the unknown field 'more'"),
    ],
)
def test_a_record_of_another_form_is_refused(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_record(Walk, WALK | changed, "a walk", InputError)


def test_a_record_needs_every_field_and_an_object() -> None:
    for name in WALK:
        with pytest.raises(InputError, match=f"the field '{name}' of a walk is missing"):
            read_record(Walk, {key: value for key, value in WALK.items() if key != name}, "a walk", InputError)
    with pytest.raises(InputError, match="a walk must be an object"):
        read_record(Walk, [WALK], "a walk", InputError)


def test_an_unknown_name_is_cut_and_cannot_steer_a_terminal() -> None:
    with pytest.raises(ValueError, match="unknown field") as caught:
        Section({"\x1b" + "x" * 1000: 1}, "it").end()
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 120
