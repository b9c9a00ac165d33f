"""Selectors: what transformers scores comes out of the bundle, and every checkpoint that is none is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from export.conversion.about import About
from export.conversion.onnx.bundling import row_of
from export.conversion.onnx.recipes import recipe_named
from export.conversion.onnx.search import OnnxTrial
from export.conversion.onnx.selector import AUTO, convert_selector
from export.conversion.onnx.selector_bench import SelectorBench
from export.conversion.trials import Preference, best_within
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds
from export.gate.candidate_groups import CandidateGroups
from export.gate.speed import measure_speed
from ondevice.bundle import Bundle, GateResult, Manifest
from ondevice.bundle.probes import SelectorProbes, read_probes
from ondevice.retrieval.encoding.probing import probe_selector
from ondevice.retrieval.encoding.selector import CrossEncoder
from tests.tiny_classifier import FAMILIES, make_classifier, write_classifier_tokenizer
from tests.tiny_models import WORDS

ABOUT = About(name="tiny", version="1.0", license="CC0-1.0")
LOOSE = Bounds(agreement_min=0.0)


def groups(n: int = 12) -> CandidateGroups:
    random = np.random.default_rng(4)

    def text(length: int) -> str:
        return " ".join(random.choice(WORDS, length))

    made = [[(text(6 + place), text(3) if number % 2 else "") for place in range(4)] for number in range(n)]
    return CandidateGroups(name="tiny", groups=made)


def convert(source: Path, out: Path, about: dict[str, Any] | None = None, **more: Any) -> Manifest:
    settings = {"recipe": "int8-dynamic", "data": [groups()], "bounds": LOOSE, **more}
    return convert_selector(source, out, replace(ABOUT, **(about or {})), **settings)


def score_by_transformers(folder: Path, pairs: list[tuple[str, str]]) -> np.ndarray:
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    model = AutoModelForSequenceClassification.from_pretrained(str(folder)).eval()
    tells_types = getattr(model.config, "type_vocab_size", 1) > 1
    out = []
    for first, second in pairs:
        row = tokenizer(first, second, return_tensors="pt", return_token_type_ids=tells_types)
        with torch.inference_mode():
            out.append(model(**row).logits.item())
    return np.array(out)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Let PyTorch work in one thread: on a busy machine two wait for each other at every step of a tiny model."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_classifier(tmp_path_factory.mktemp("classifiers") / "tiny-bert")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_gives_transformers_scores(tmp_path: Path, family: str) -> None:
    source = make_classifier(tmp_path / "in", family=family)
    manifest = convert(source, tmp_path / "out", recipe="fp32")
    pairs = [pair for group in groups().groups for pair in group]
    with CrossEncoder.open(Bundle.open(tmp_path / "out", kind="selector"), threads=1) as selector:
        made = selector.score(pairs)
    wanted = score_by_transformers(source, pairs)
    assert wanted.std() > 0.1
    np.testing.assert_allclose(made, wanted, atol=1e-4)
    measures = {result.measure: result.value for result in manifest.gate}
    assert measures["agreement"] == 1.0
    assert measures["score_error"] < 1e-4


def test_the_manifest_tells_what_was_done_and_the_probes_hold(tmp_path: Path, classifier: Path) -> None:
    manifest = convert(classifier, tmp_path / "out", {"paper": "arXiv:2404.05970", "training_data": "made up"})
    bundle = Bundle.open(tmp_path / "out", kind="selector")
    assert bundle.manifest == manifest
    assert (str(manifest.recipe).partition(":")[0], length(manifest)) == ("int8-dynamic", 66)
    assert set(manifest.made_from) >= {"config.json", "model.safetensors", "tokenizer.json"}
    measures = {result.measure: result for result in manifest.gate}
    assert {"agreement", "regret", "spearman", "kendall", "score_error", "score_deviation"} <= set(measures)
    assert {"pairs_per_s", "speed_ratio"} <= set(measures)
    assert measures["agreement"].bound == 0.0
    probes = read_probes(bundle)
    assert isinstance(probes, SelectorProbes)
    assert len(set(probes.pairs)) == 8
    with CrossEncoder.open(bundle) as selector:
        assert probe_selector(selector, probes) < probes.tolerance - 0.2 * measures["score_deviation"].value
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("recipe", [*AUTO, "int8-static"])
def test_every_recipe_keeps_the_order_nearly(tmp_path: Path, classifier: Path, recipe: str) -> None:
    manifest = convert(classifier, tmp_path / "out", recipe=recipe)
    measures = {result.measure: result.value for result in manifest.gate}
    assert measures["spearman"] > 0.97


def test_the_same_checkpoint_gives_the_same_model(tmp_path: Path, classifier: Path) -> None:
    one, two = (convert(classifier, tmp_path / name, recipe="int8-smooth") for name in ("one", "two"))
    assert one.files["model"] == two.files["model"]
    assert one.id == two.id


def test_auto_tries_them_all_and_takes_one_that_keeps_to_the_bounds(tmp_path: Path, classifier: Path) -> None:
    seen: list[tuple[int, int]] = []
    manifest = convert(
        classifier,
        tmp_path / "out",
        recipe="auto",
        bounds=Bounds(score_error_max=1e-4),
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert str(manifest.recipe).partition(":")[0] == "fp32"
    assert seen == [(n, len(AUTO) + 1) for n in range(1, len(AUTO) + 2)]


def test_the_fastest_is_taken_and_among_alike_the_nearest(tmp_path: Path) -> None:
    def choose(trials: list[OnnxTrial], prefer: Preference = "speed") -> OnnxTrial:
        return best_within(trials, nearest_by=SelectorBench.nearest_by, prefer=prefer)

    def trial(name: str, per_s: float, spearman: float, fault: str | None = None) -> OnnxTrial:
        result = GateResult(measure="spearman", value=spearman, bound=None, data="d", n=1, cpu="c")
        speed = replace(measure_speed({"a": int}, baseline="a", n_items=1, n_rounds=1)[0], per_s=per_s)
        return OnnxTrial(
            recipe=recipe_named(name), path=tmp_path, results=(result,), fault=fault, speed=None if fault else speed
        )

    slow, quick = trial("fp32", 10, 1.0), trial("int8-dynamic", 99, 0.98)
    alike, refused = trial("int8-smooth", 95, 0.99), trial("int4-blocks", 500, 0.5, "spearman is too low")
    assert choose([slow, quick, alike, refused]) == alike
    small = replace(slow, n_bytes=10)
    assert choose([small, *(replace(each, n_bytes=90) for each in (quick, alike))], prefer="size") == small
    assert row_of(SelectorBench, alike)["pairs_per_s"] == 95
    with pytest.raises(ParityError, match="none of 2 recipes holds; the nearest, 'int4-blocks': spearman is too low"):
        choose([replace(refused, results=(), recipe=recipe_named("fp32")), refused])


def test_a_report_tells_of_every_recipe_even_where_none_holds(tmp_path: Path, classifier: Path) -> None:
    with pytest.raises(ParityError):
        convert(
            classifier, tmp_path / "out", recipe="auto", bounds=Bounds(score_error_max=1e-12), report=tmp_path / "seen"
        )
    rows = json.loads((tmp_path / "seen" / "results.json").read_text())["rows"]
    assert [row["recipe"] for row in rows] == list(AUTO)
    assert [path.name for path in tmp_path.iterdir()] == ["seen"]


def test_without_data_the_built_in_groups_are_used(tmp_path: Path, classifier: Path) -> None:
    manifest = convert(classifier, tmp_path / "out", data=[], recipe="fp32")
    assert {result.data for result in manifest.gate if result.measure == "agreement"} == {"built-in"}


def test_outside_the_bounds_nothing_is_left(tmp_path: Path, classifier: Path) -> None:
    with pytest.raises(ParityError, match=r"none of 1 recipes holds; the nearest, 'int8-dynamic': .* score_error"):
        convert(classifier, tmp_path / "out", bounds=Bounds(score_error_max=1e-9))
    assert list(tmp_path.iterdir()) == []


def test_the_length_is_the_least_of_all_that_limit_it(tmp_path: Path) -> None:
    source = make_classifier(tmp_path / "in", family="roberta", positions=40)
    assert length(convert(source, tmp_path / "positions")) == 38
    config = source / "tokenizer_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "model_max_length": 24}))
    assert length(convert(source, tmp_path / "tokenizer")) == 24
    assert length(convert(source, tmp_path / "given", max_tokens=16)) == 16


def length(manifest: Manifest) -> int:
    assert manifest.selector is not None
    return manifest.selector.max_tokens


def edit_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    config.update(changes)
    (folder / "config.json").write_text(json.dumps(config))


def edit_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    tensors = load_file(str(folder / "model.safetensors"))
    change(tensors)
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})


def pickle_weights(folder: Path) -> None:
    torch.save(load_file(str(folder / "model.safetensors")), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def poison(name: str) -> Callable[[Path], None]:
    return lambda folder: edit_weights(folder, lambda tensors: tensors[name].view(-1)[3:4].fill_(torch.nan))


def drop(name: str) -> Callable[[Path], None]:
    def change(tensors: dict[str, torch.Tensor]) -> None:
        del tensors[name]

    return lambda folder: edit_weights(folder, change)


def narrow(folder: Path) -> None:
    edit_weights(folder, lambda tensors: tensors.update({"classifier.weight": torch.ones(1, 31)}))


def join_otherwise(folder: Path) -> None:
    (folder / "other").mkdir()
    write_classifier_tokenizer(folder / "other", is_bert=False)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer.json").write_bytes((folder / "other" / "tokenizer.json").read_bytes())
    (folder / "tokenizer_config.json").write_text(json.dumps({**config, "tokenizer_class": "BertTokenizer"}))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: edit_config(folder, architectures=["BertModel"]), "is no sequence classifier"),
        (lambda folder: edit_config(folder, architectures=None), "is no sequence classifier"),
        (
            lambda folder: edit_config(folder, model_type="gpt2", architectures=["GPT2ForSequenceClassification"]),
            "architecture 'gpt2' is not supported",
        ),
        (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "tokenizer 'tokenizer.json' cannot be loaded"),
        (lambda folder: (folder / "config.json").unlink(), "'config.json' is missing"),
        (lambda folder: (folder / "config.json").write_text("[1"), "'config.json' is not valid JSON"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no weights"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\x80" * 99), "cannot be read"),
        (pickle_weights, "are pickled"),
        (poison("bert.encoder.layer.1.output.dense.weight"), "holds 1 numbers not finite"),
        (poison("bert.pooler.dense.weight"), "'pooler.dense.weight' holds 1 numbers not finite"),
        (drop("classifier.bias"), "lack the tensor 'classifier.bias'"),
        (narrow, r"'classifier' has the shape \[1, 31\], but \[1, 32\] is needed"),
        (join_otherwise, r"joins \d+ of \d+ pairs otherwise"),
        (lambda folder: (folder / "modules.json").write_text('[{"type": "a.Pooling", "path": ""}]'), "several modules"),
        (
            lambda folder: (folder / "config_sentence_transformers.json").write_text('{"default_prompt_name": "q"}'),
            "puts a prompt before its texts",
        ),
        (
            lambda folder: edit_weights(folder, lambda tensors: tensors["classifier.weight"].zero_()),
            "scores all candidates of a group alike",
        ),
    ],
)
def test_what_is_no_selector_is_refused_and_nothing_is_left(
    tmp_path: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    source = make_classifier(tmp_path / "in")
    spoil(source)
    with pytest.raises(ConversionError, match=reason):
        convert(source, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_two_labels_are_refused(tmp_path: Path) -> None:
    source = make_classifier(tmp_path / "in", n_labels=2)
    with pytest.raises(ConversionError, match="has 2 outputs, but a selector has one"):
        convert(source, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_what_is_asked_for_wrongly_is_refused(tmp_path: Path, classifier: Path) -> None:
    with pytest.raises(ConversionError, match="there is no recipe 'int2'; there are: fp32"):
        convert(classifier, tmp_path / "out", recipe="int2")
    with pytest.raises(ConversionError, match="the model card declares none"):
        convert(classifier, tmp_path / "out", {"license": None})
    with pytest.raises(ConversionError, match=r"'config\.json' is missing in 'none'"):
        convert(tmp_path / "none", tmp_path / "out")
    with pytest.raises(ConversionError, match="a length limit must be a whole number of 5 or more"):
        convert(classifier, tmp_path / "out", max_tokens=4)
    assert list(tmp_path.iterdir()) == []
