import json
from typing import Any

import pytest

from ondevice.adaptation.recipes.prior import load_prior, priors, read_prior
from ondevice.adaptation.recipes.space import Point, SearchSpace
from ondevice.config import DEFAULT_GENERATOR
from ondevice.errors import InputError, NotFoundError, VersionError
from tests.ondevice.adaptation.made_up_users import SHAPE

POINT = {"groups": [True, False, True, False], "feed_forward": 2, "attention": 0, "rank": 4, "n_loras": 1}
PRIOR: dict[str, Any] = {
    "format": 1,
    "base": "some-model",
    "n_blocks": 30,
    "basis": "population",
    "n_users": 12,
    "note": "found on users who shared",
    "points": [POINT],
}


def written(**changes: object) -> str:
    return json.dumps({**PRIOR, **changes})


def test_every_shipped_prior_is_read_and_fits_its_model() -> None:
    assert DEFAULT_GENERATOR in priors()
    for name in priors():
        prior = load_prior(name)
        assert prior.base == name
        assert prior.points


def test_the_default_models_prior_lies_in_its_space() -> None:
    prior = load_prior(DEFAULT_GENERATOR)
    assert prior.n_blocks == SHAPE.n_blocks
    assert set(prior.points) <= set(SearchSpace(SHAPE).points)
    assert (prior.basis, prior.n_users) == ("population", 3)
    assert all(point.feed_forward for point in prior.points), "what three people gained most from"


def test_reads_every_field() -> None:
    prior = read_prior(written())
    assert prior.points == (Point(groups=(True, False, True, False), feed_forward=2, attention=0, rank=4, n_loras=1),)
    assert (prior.base, prior.n_blocks, prior.basis, prior.n_users) == ("some-model", 30, "population", 12)


@pytest.mark.parametrize("name", ["unknown-model", "../priors/smollm2-135m-instruct", ""])
def test_a_base_without_prior_is_not_found(name: str) -> None:
    with pytest.raises(NotFoundError, match="no prior for the base model"):
        load_prior(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "a prior must be an object"),
        (written(extra=1), "a prior has the unknown field 'extra'"),
        (json.dumps({name: value for name, value in PRIOR.items() if name != "note"}), "'note' of a prior is missing"),
        (written(n_blocks="30"), "'n_blocks' of a prior must be int, not"),
        (written(format=True), "'format' of a prior must be int, not"),
        (written(format=0), "format must be 1"),
        (written(basis="guess"), "basis one of design, population"),
        (written(basis="design"), "cannot come from 12 users"),
        (written(n_users=0), "cannot come from 0 users"),
        (written(basis="design", n_users=-1), "cannot come from -1 users"),
        (written(points=[]), "at least one point"),
        (written(base=""), "needs a base"),
        (written(points=[POINT, POINT]), "2 points, but only 1 different"),
        (written(points=["x"]), "a point of a prior must be an object"),
        (written(points=[{**POINT, "rank": 3}]), "rank 3 must be of"),
        (written(points=[{**POINT, "rank": "4"}]), "'rank' of a point of a prior must be int, not"),
        (written(points=[{**POINT, "groups": [True, True]}]), "must be 4 times true or false"),
        (written(points=[{**POINT, "groups": [1, 1, 1, 1]}]), r"'groups' of a point of a prior must be tuple\[bool"),
        (written(points=[{**POINT, "groups": [False] * 4}]), "at least one group"),
        (written(n_blocks=2), "must be 2 times true or false"),
    ],
)
def test_refuses_what_is_not_a_prior(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_prior(text)


def test_a_newer_format_is_named_as_such() -> None:
    with pytest.raises(VersionError, match="has format 2, this release knows 1"):
        read_prior(written(format=2, unheard_of=True))
