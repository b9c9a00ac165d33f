"""The persona's rows: the numbers of its formula, what is refused, and the same bits for the same items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.bundle import Bundle
from ondevice.config import PersonaWeights
from ondevice.errors import BundleError, CorruptError, ManifestError, ModelMismatchError
from ondevice.retrieval.encoding.persona_model import PersonaModel
from tests.tiny_models import make_tiny_encoder
from tests.tiny_persona import DIM, make_tiny_persona, vouch_again, write_numbers

BASE = "a" * 64
RANDOM = np.random.default_rng(11)


def units(n: int) -> NDArray[np.float32]:
    vectors = RANDOM.standard_normal((n, DIM))
    made: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return made


QUERY, ITEMS = units(1)[0], units(7)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_tiny_persona(tmp_path_factory.mktemp("persona"), encoder="tiny", bases=(BASE,))


@pytest.fixture(scope="module")
def persona(bundle: Bundle) -> Iterator[PersonaModel]:
    with PersonaModel.open(bundle, threads=1) as opened:
        yield opened


def stored(bundle: Bundle, role: str) -> NDArray[np.float64]:
    return np.frombuffer(bundle.file(role).read_bytes(), "<f4").astype(np.float64)


def by_hand(bundle: Bundle, projected: NDArray[np.float32], task: int) -> tuple[NDArray[np.float64], list[float]]:
    """Compute rows and weights word for word as the method says, with other operations than the product's."""
    spec = bundle.persona
    assert spec is not None
    u, v = stored(bundle, "map").reshape(2, spec.n_in, spec.rank)
    rows = stored(bundle, "rows").reshape(-1, spec.n_out)
    query = QUERY + u @ (v.T @ QUERY)
    query /= np.linalg.norm(query)
    scores = np.array([spec.null_score, *(ITEMS.astype(np.float64) @ query)]) / spec.temperature
    weights = np.exp(scores) / np.exp(scores).sum()
    z = projected.reshape(len(ITEMS), spec.n_rows, spec.n_out).astype(np.float64)
    made = []
    for place, null in enumerate(rows[len(spec.tasks) * spec.n_task_rows :]):
        mean = weights[1:] @ z[:, place]
        made.append(weights[0] * null + (1 - weights[0]) * spec.gain * mean / np.linalg.norm(mean))
    return np.array([*rows[task * spec.n_task_rows : (task + 1) * spec.n_task_rows], *made]), list(weights)


@pytest.mark.parametrize(("task", "place"), [("chat", 0), ("LaMP_1", 1)])
def test_rows_are_those_of_the_formula(persona: PersonaModel, bundle: Bundle, task: str, place: int) -> None:
    made = persona.rows(QUERY, ITEMS, task)
    rows, weights = by_hand(bundle, persona.projector.project(ITEMS), place)
    assert made.rows.dtype == np.float32
    np.testing.assert_allclose(made.rows, rows, rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose([made.null, *made.weights], weights, rtol=1e-9)


def test_without_items_the_rows_are_nobodys(persona: PersonaModel, bundle: Bundle) -> None:
    table = stored(bundle, "rows").reshape(-1, 64).astype(np.float32)
    none = np.empty((0, DIM), np.float32)
    for weights in get_args(PersonaWeights)[:2]:
        made = persona.rows(QUERY, none, "chat", weights)
        assert np.array_equal(made.rows, table[[0, 2, 3]])
        assert (made.null, len(made.weights)) == (1.0, 0)


def test_mean_weights_know_no_request_and_task_weights_no_items(persona: PersonaModel, bundle: Bundle) -> None:
    mean = persona.rows(QUERY, ITEMS, "chat", "mean")
    assert np.array_equal(mean.rows, persona.rows(units(1)[0], ITEMS, "chat", "mean").rows)
    np.testing.assert_allclose(mean.weights, 1 / 7)
    np.testing.assert_allclose(np.linalg.norm(mean.rows[1:], axis=1), 8.0, rtol=1e-6)
    alone = persona.rows(QUERY, ITEMS, "LaMP_1", "task")
    assert np.array_equal(alone.rows, stored(bundle, "rows").reshape(-1, 64)[1:2].astype(np.float32))
    assert alone.weights.sum() == 0


def test_the_same_items_give_the_same_bits_and_another_order_the_same_rows(persona: PersonaModel) -> None:
    made = persona.rows(QUERY, ITEMS, "chat")
    held = np.concatenate([np.zeros((1, DIM), np.float32), ITEMS])[1:]  # elsewhere in memory
    assert np.array_equal(made.rows, persona.rows(QUERY, held, "chat").rows)
    turned = persona.rows(QUERY, ITEMS[::-1], "chat")
    np.testing.assert_allclose(made.rows, turned.rows, rtol=1e-5, atol=1e-5)


def test_a_persona_without_a_map_looks_as_the_request_says(tmp_path: Path) -> None:
    made_of = make_tiny_persona(tmp_path, encoder="tiny", bases=(BASE,), rank=0)
    with PersonaModel.open(made_of, threads=1) as persona:
        made = persona.rows(QUERY, ITEMS, "chat")
    scores = np.array([*(ITEMS.astype(np.float64) @ QUERY), 0.2]) / 0.1
    np.testing.assert_allclose(made.weights, (np.exp(scores) / np.exp(scores).sum())[:-1], rtol=1e-5)


@pytest.mark.parametrize(
    ("query", "vectors", "task", "weights", "match"),
    [
        (QUERY, ITEMS, "LaMP_2", "attention", "knows no task 'LaMP_2': it learned chat, LaMP_1"),
        (QUERY, ITEMS, "chat", "median", "one of attention, mean, task, not 'median'"),
        (QUERY[:5], ITEMS, "chat", "attention", r"32 numbers, not the shapes \[5\]"),
        (QUERY, ITEMS[:, :5], "chat", "attention", "must have 32 numbers"),
        (QUERY, np.full_like(ITEMS, np.nan), "chat", "attention", "not finite"),
        (QUERY * np.inf, ITEMS, "chat", "attention", "not finite"),
    ],
)
def test_misuse_is_refused(
    persona: PersonaModel, query: object, vectors: object, task: str, weights: str, match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        persona.rows(query, vectors, task, weights)  # type: ignore[arg-type]


def test_a_damaged_bundle_is_refused(tmp_path: Path) -> None:
    bundle = make_tiny_persona(tmp_path / "nan", encoder="tiny", bases=(BASE,))
    for role, size in (("rows", (4, 64)), ("map", (2, DIM, 4))):
        path = bundle.file(role)
        good = path.read_bytes()
        write_numbers(path, np.full(size, np.nan))
        with pytest.raises(CorruptError, match="another sha-256"):
            Bundle.open(bundle.folder, kind="persona")
        with pytest.raises(BundleError, match=f"{role!r} of the persona 'tiny-persona' holds a number that is not"):
            PersonaModel.open(vouch_again(bundle, role))
        path.write_bytes(good[:-4])
        with pytest.raises(BundleError, match=f"has {len(good) - 4} bytes, but its manifest says {len(good)}"):
            PersonaModel.open(vouch_again(bundle, role))
        path.write_bytes(good)
        bundle = vouch_again(bundle, role)
    (tmp_path / "nan" / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(BundleError):
        PersonaModel.open(vouch_again(bundle, "model"))


def test_a_manifest_that_lies_of_its_files_is_refused(tmp_path: Path) -> None:
    bundle = make_tiny_persona(tmp_path / "true", encoder="tiny", bases=(BASE,))
    spec = bundle.persona
    assert spec is not None
    for name, lie in {
        "narrow": replace(spec, n_in=16, rank=8),
        "long": replace(spec, n_out=32, tasks=("chat", "LaMP_1", "LaMP_2", "LaMP_3", "LaMP_4", "LaMP_5")),
    }.items():
        with pytest.raises(ModelMismatchError, match="manifest says"):
            PersonaModel.open(make_tiny_persona(tmp_path / name, encoder="tiny", bases=(BASE,), spec=lie))
    with pytest.raises(BundleError, match="a map of rank 0, and a file 'map'"):
        PersonaModel.open(
            make_tiny_persona(tmp_path / "map", encoder="tiny", bases=(BASE,), spec=replace(spec, rank=0))
        )
    with pytest.raises(BundleError, match="a map of rank 4, and no file 'map'"):
        PersonaModel.open(make_tiny_persona(tmp_path / "no", encoder="tiny", bases=(BASE,), rank=0, spec=spec))
    with pytest.raises(BundleError, match="is of kind 'encoder', but 'persona' is needed"):
        PersonaModel.open(make_tiny_encoder(tmp_path / "encoder"))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"n_rows": 0}, "must be 1 or more"),
        ({"rank": -1}, "rank -1 0 or more"),
        ({"max_items": 1 << 40}, "up to 1048576"),
        ({"encoder": ""}, "encoder must be the id"),
        ({"bases": ()}, "one sha-256 or more"),
        ({"tasks": ("chat", "chat")}, "each once"),
        ({"tasks": ()}, "a task or more"),
        ({"temperature": 0.0}, "temperature 0.0 must be 1e-06 or more"),
        ({"temperature": float("nan")}, "temperature nan"),
        ({"gain": -1.0}, "gain -1.0 more than 0"),
        ({"null_score": float("inf")}, "null_score inf a number"),
    ],
)
def test_a_section_that_says_nothing_usable_is_refused(bundle: Bundle, change: dict[str, object], match: str) -> None:
    assert bundle.persona is not None
    with pytest.raises(ManifestError, match=match):
        replace(bundle.persona, **change)  # type: ignore[arg-type]
