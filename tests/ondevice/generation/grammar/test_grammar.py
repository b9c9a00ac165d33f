"""pydantic's models as they are: each answer under one's grammar is an instance, and usual instances can be written."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import pytest
from annotated_types import Len
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, EmailStr, Field, HttpUrl, PastDate, PositiveInt, SecretStr, TypeAdapter
from pydantic.dataclasses import dataclass

from ondevice import ModelSet, Personalizer
from ondevice.generation.grammar import Grammar, schema_of
from tests.ondevice.generation.grammar.following import complaint_of
from tests.ondevice.generation.grammar.writing import accepts, write


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Place(BaseModel):
    """Where something takes place."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=20, description="as people say it", examples=["Lyon"])
    latitude: float = Field(ge=-90, le=90)
    post_code: str | None = Field(default=None, pattern=r"^\d{5}$")


class Appointment(BaseModel):
    id: UUID
    day: date
    begins: datetime
    lasts: timedelta = timedelta(hours=1)
    guests: Annotated[list[EmailStr], Len(0, 2)] = []
    place: Place | None = None
    mood: Mood = Mood.GOOD
    moods: set[Mood] = set()
    priority: Annotated[int, Field(ge=1, le=5)] = Field(3, title="How urgent", deprecated=True)
    price: Annotated[float, Field(ge=0, multiple_of=0.05)] = 0
    colour: tuple[Annotated[int, Field(ge=0, le=255)], ...] = Field((), max_length=3)
    position: tuple[int, bool] = (0, False)
    tags: dict[Annotated[str, Field(pattern="^[a-z]{1,5}$")], bool] = {}
    secret: SecretStr = SecretStr("")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: Annotated[int, Field(le=9, gt=0)]


class Dog(BaseModel):
    kind: Literal["dog", "wolf"] = "dog"
    friends: list[Pet] = []


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Tree(BaseModel):
    value: int | None
    left: Tree | None = None
    right: Tree | None = None


class Pair(NamedTuple):
    first: bool
    second: bool = True


@dataclass
class Point:
    x: Annotated[int, Field(multiple_of=5, lt=100)]
    site: HttpUrl | None = None


Dog.model_rebuild()
KINDS: list[Any] = [
    *(Place, Appointment, Cat, Dog, Tree, Point, Pet, Pair, Mood),
    *(Literal["a", 1, None], set[Literal[1, 2, 3]], dict[Mood, bool], dict[str, PositiveInt], tuple[()], PastDate),
    Annotated[dict[Literal["a", "b", "c"], bool], Len(1, 2)],
    Annotated[list[Pet], Len(1, 2)],
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: getattr(kind, "__name__", str(kind))[:30])
def test_every_answer_is_an_instance(engine, kind):
    adapter = TypeAdapter(kind)
    schema, grammar = adapter.json_schema(), Grammar.from_json_schema(adapter)
    n_past = 0
    for seed in range(15):
        text = write(engine, grammar, seed, haste=1.5 + seed / 6)
        assert complaint_of(schema, text) is None
        if kind is not PastDate or text < f'"{date.today()}"':
            adapter.validate_json(text)
            n_past += 1
    assert n_past > 0


places = st.builds(
    Place,
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
    latitude=st.integers(-9000, 9000).map(lambda n: n / 100),
    post_code=st.none() | st.from_regex(r"\A[0-9]{5}\Z"),
)
appointments = st.builds(
    Appointment,
    begins=st.datetimes(timezones=st.just(UTC)),
    lasts=st.integers(1, 59).map(lambda minutes: timedelta(minutes=minutes)),
    guests=st.lists(st.sampled_from(["a@b.org", "jean.dupont@mail.example.com"]), max_size=2),
    place=st.none() | places,
    moods=st.sampled_from([set(), {Mood.GOOD}, {Mood.BAD}]),
    priority=st.integers(1, 5),
    price=st.integers(0, 1000).map(lambda n: float(Decimal(n) / 20)),
    colour=st.lists(st.integers(0, 255), max_size=3).map(tuple),
    tags=st.dictionaries(st.from_regex(r"\A[a-z]{1,5}\Z"), st.booleans(), max_size=2),
    secret=st.just(SecretStr("")),
)
trees = st.recursive(
    st.builds(Tree, value=st.none() | st.integers(-1000, 1000), left=st.none(), right=st.none()),
    lambda inner: st.builds(Tree, value=st.integers(0, 9), left=inner, right=st.none() | inner),
    max_leaves=5,
)
pets = st.recursive(
    st.builds(Cat, kind=st.just("cat"), lives=st.integers(1, 9)),
    lambda inner: st.builds(Dog, kind=st.sampled_from(["dog", "wolf"]), friends=st.lists(inner, max_size=2)),
    max_leaves=4,
)


@cache
def grammar_of(model: type[BaseModel]) -> Grammar:
    """Return the grammar of a class, which is that of each of its instances and costs more than to follow it."""
    return Grammar.from_json_schema(model)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instance=st.one_of(places, appointments, trees, pets))
def test_an_instance_can_be_written(engine, instance):
    model: type[BaseModel] = type(instance)
    grammar = grammar_of(model)
    assert accepts(engine, grammar, instance.model_dump_json())
    assert accepts(engine, grammar, json.dumps(instance.model_dump(mode="json"), ensure_ascii=False))


def test_a_model_class_its_instance_and_an_adapter_are_taken_for_their_schema():
    schema = Place.model_json_schema()
    place = Place(name="Lyon", latitude=45.7)
    assert Grammar.from_json_schema(Place) == Grammar.from_json_schema(TypeAdapter(Place))  # so do the types say
    for given_ in (schema, Place, place, TypeAdapter(Place)):
        assert schema_of(given_) == schema
        assert Grammar.from_json_schema(given_) == Grammar.from_json_schema(schema)


class NoSchema:
    def model_json_schema(self) -> None:
        pass


@pytest.mark.parametrize(
    "wrong", ['{"type": "zanzibar"}', b"{}", 5, None, [("type", "null")], True, int, list[int], Point, NoSchema()]
)
def test_what_has_no_schema_is_a_type_error_that_says_what_has(wrong):
    with pytest.raises(TypeError, match=r"a JSON schema as a dict, or a pydantic model class, .*TypeAdapter") as caught:
        Grammar.from_json_schema(wrong)
    assert "zanzibar" not in str(caught.value)


def test_a_profile_takes_a_model_class(tmp_path: Path, tiny_bundle):
    models = ModelSet(tiny_bundle.folder.parent, encoder=None, generator=tiny_bundle.folder.name)
    with Personalizer.create(tmp_path / "p", app_key=bytes(32), models=models) as me:
        wrong: Any = "Cat"
        answer = me.generate("what is it", retriever="none", json_schema=Cat, max_tokens=64)
        assert 0 < Cat.model_validate_json(answer.text).lives < 10
        with pytest.raises(TypeError, match="pydantic model class"):
            me.generate("what is it", retriever="none", json_schema=wrong)


def test_the_sdk_itself_loads_no_pydantic():
    code = "import sys, ondevice, ondevice.generation.grammar; print({'pydantic', 'jsonschema'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
