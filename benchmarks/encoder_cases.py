"""Converting encoders: the recipes tried on LaMP and LoCoMo, and the winner against sentence-transformers in one run.

The tables of the recipes go to ``results/encoders/<model>/``.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kept_run import keep
from benchmarks.lamp_answers import DATA
from benchmarks.measure import Row
from benchmarks.study import RESULTS
from export.conversion.about import About
from export.conversion.onnx.checkpoint import read_checkpoint
from export.conversion.onnx.encoder import convert_encoder
from export.conversion.onnx.recipes import RECIPES, Recipe, recipe_named
from export.conversion.onnx.reference import TorchEncoder
from export.gate.lamp import lamp_retrieval_data
from export.gate.locomo import locomo_retrieval_data
from export.gate.ranking import measure_ranking
from export.gate.retrieval_data import RetrievalData
from export.gate.speed import Speed, measure_speed
from export.gate.vectors import measure_vectors
from ondevice.bundle import Bundle, Manifest
from ondevice.config import DEFAULT_ENCODER
from ondevice.retrieval.encoding.encoder import Encoder

SOURCES: Mapping[str, tuple[int, Sequence[Recipe]]] = {
    "minilm-l6-fp32": (42, RECIPES),
    "all-mpnet-base-v2": (
        28,
        [recipe_named(name) for name in ("fp32", "fp16-weights", "int8-dynamic", "int8-smooth", "int8-blocks")],
    ),
}
"""The checkpoints, with the LaMP questions and the recipes that each is tried on: a larger model takes longer."""
_AIMS = {"minilm-l6-fp32": 3.2}
_ROUNDS = 7
_N_TEXTS = 64
_BATCHES = (1, 4, 8, 16)


def run(models: Path) -> Iterator[Row]:
    """Yield the rows of every checkpoint that ``ondevice-models fetch`` has brought."""
    for name, (n_questions, recipes) in SOURCES.items():
        if not (models / name).is_dir():
            raise SystemExit(f"the model {name} is missing; run: ondevice-models fetch {name}")
        with tempfile.TemporaryDirectory(prefix="ondevice-bench-") as folder:
            talks = locomo_retrieval_data(DATA / "locomo")
            data = [
                lamp_retrieval_data(DATA / "lamp", limit=n_questions),
                talks if len(recipes) == len(RECIPES) else _first_talk(talks),
            ]
            out = Path(folder) / "bundle"
            manifest = convert_encoder(
                models / name,
                out,
                About(name=name, version="1.0.0", license="Apache-2.0"),
                recipes=recipes,
                data=data,
                report=Path(folder) / "report",
            )
            keep(Path(folder) / "report" / "results.json", RESULTS / "encoders" / name)
            yield from _quality(name, manifest)
            yield from _speeds(name, models, out, data)


def _first_talk(data: RetrievalData) -> RetrievalData:
    talk = list(data.candidates[0])
    chosen = [number for number, candidates in enumerate(data.candidates) if list(candidates) == talk]
    place = {passage: number for number, passage in enumerate(talk)}
    relevant = data.relevant or ()
    return RetrievalData(
        name=data.name,
        passages=[data.passages[passage] for passage in talk],
        queries=[data.queries[number] for number in chosen],
        candidates=[list(range(len(talk)))] * len(chosen),
        relevant=[frozenset(place[passage] for passage in relevant[number]) for number in chosen],
    )


def run_default(models: Path) -> Iterator[Row]:
    """Yield how an int8 encoder as fetched compares with the pipeline's own of the same weights, in one run.

    Beside them stands the default encoder's speed: its weights are not to be had as they were trained.
    """
    talk = _first_talk(locomo_retrieval_data(DATA / "locomo"))
    fetched = Bundle.open(models / "minilm-l6-int8", kind="encoder")
    default = Bundle.open(models / DEFAULT_ENCODER, kind="encoder")
    with tempfile.TemporaryDirectory(prefix="ondevice-bench-") as folder:
        out = Path(folder) / "bundle"
        convert_encoder(
            models / "minilm-l6-fp32",
            out,
            About(name="ours", version="1.0.0", license="Apache-2.0"),
            recipe="int8-smooth",
        )
        reference = TorchEncoder.open(read_checkpoint(models / "minilm-l6-fp32"), fetched.file("tokenizer"))
        texts = [talk.passages[index * len(talk.passages) // _N_TEXTS] for index in range(_N_TEXTS)]
        with (
            Encoder.open(fetched) as theirs,
            Encoder.open(Bundle.open(out, kind="encoder")) as ours,
            Encoder.open(default) as present,
        ):
            named = {"as fetched": theirs, "converted, int8-smooth": ours}
            timed = {**named, f"the default, {DEFAULT_ENCODER}": present}
            calls = {name: partial(encoder.encode_passages, texts, batch=4) for name, encoder in timed.items()}
            for speed in measure_speed(calls, baseline="as fetched", n_items=len(texts), n_rounds=_ROUNDS):
                rates = sorted(speed.n_items / seconds for seconds in speed.rounds_s)
                yield _row("texts a second", speed.name, speed.per_s, rates[0], rates[-1], speed)
                if speed.name != "as fetched":
                    yield _row("times as fast", speed.name, speed.ratio, speed.ratio_low, speed.ratio_high, speed)
            for name, encoder in named.items():
                measured = (*measure_vectors(reference, encoder, talk.passages).results(),)
                measured = (*measured, *measure_ranking(reference, encoder, talk).results())
                for result in measured:
                    if result.measure in ("cosine_mean", "ndcg@10_drop", "ndcg@10_to_reference"):
                        yield _single(result.measure, f"{name}, n={result.n}", result.value, None, True)


def _quality(name: str, manifest: Manifest) -> Iterator[Row]:
    wanted = {"cosine_mean": (0.995, True), "ndcg@10_drop": (0.005, False), "ndcg@10_to_reference": (None, True)}
    for result in manifest.gate:
        if result.measure in wanted:
            aim, is_minimum = wanted[result.measure]
            yield _single(
                f"{result.measure} of the chosen recipe",
                f"{name}, {manifest.recipe}, {result.data}, n={result.n}",
                result.value,
                aim,
                is_minimum,
            )
    yield _single("size of the chosen graph", f"{name}, MB", manifest.files["model"].bytes / 1e6, None, False)


def _speeds(name: str, models: Path, bundle: Path, data: Sequence[RetrievalData]) -> Iterator[Row]:
    """Compare texts a second, each side with the batch size that suits it best."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    passages = [passage for each in data for passage in each.passages]
    texts = [passages[index * len(passages) // _N_TEXTS] for index in range(_N_TEXTS)]
    torch_model: Any = SentenceTransformer(str(models / name), device="cpu", local_files_only=True)
    with Encoder.open(Bundle.open(bundle, kind="encoder")) as encoder:
        calls: dict[str, Callable[[], object]] = {}
        for batch in _BATCHES:
            calls[f"torch {batch}"] = partial(torch_model.encode, texts, batch_size=batch, show_progress_bar=False)
            calls[f"ours {batch}"] = partial(encoder.encode_passages, texts, batch=batch)
        first = measure_speed(calls, baseline="torch 8", n_items=len(texts), n_rounds=2)
        best = {side: max((each for each in first if side in each.name), key=_per_s).name for side in ("torch", "ours")}
        finals = {best["torch"]: calls[best["torch"]], best["ours"]: calls[best["ours"]]}
        timed = measure_speed(finals, baseline=best["torch"], n_items=len(texts), n_rounds=_ROUNDS)
    for speed in timed:
        side, size = speed.name.split()
        condition = f"{name}, {'sentence-transformers float32' if side == 'torch' else 'converted'}, batch {size}"
        rates = sorted(speed.n_items / seconds for seconds in speed.rounds_s)
        yield _row("texts a second", condition, speed.per_s, rates[0], rates[-1], speed)
    ours = next(speed for speed in timed if speed.name == best["ours"])
    yield _row(
        "times as fast as sentence-transformers",
        f"{name}, same run",
        ours.ratio,
        ours.ratio_low,
        ours.ratio_high,
        ours,
        aim=_AIMS.get(name),
    )


def _per_s(speed: Speed) -> float:
    return speed.per_s


def _row(
    case: str, condition: str, median: float, low: float, high: float, speed: Speed, *, aim: float | None = None
) -> Row:
    unit = "x" if case.startswith("times") else "texts/s"
    return Row(
        case=case,
        condition=condition,
        unit=unit,
        median=median,
        low=low,
        high=high,
        n=len(speed.rounds_s),
        aim=aim,
        aim_is_minimum=True,
    )


def _single(case: str, condition: str, value: float, aim: float | None, is_minimum: bool) -> Row:
    value = float(np.float64(value))
    return Row(
        case=case,
        condition=condition,
        unit="",
        median=value,
        low=value,
        high=value,
        n=1,
        aim=aim,
        aim_is_minimum=is_minimum,
    )
