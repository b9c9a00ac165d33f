"""RSPG on a tiny BERT: it learns when which retriever helps, before and after the outputs are there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from export.conversion.about import About
from export.conversion.onnx.selector import convert_selector
from export.errors import ConversionError, DatasetError
from export.gate.candidate_groups import read_candidate_groups
from export.training.fitting import FitConfig
from export.training.judge import Judge, SelectorConfig
from export.training.notes import read_selector_note
from export.training.pools import PoolCandidate, PoolFeedback
from export.training.selector import train_selector
from export.training.selector_worth import default_of, lead, place_of, reluctant
from ondevice.bundle import Cut
from tests.tiny_checkpoints import make_tiny_checkpoint
from tests.tiny_classifier import write_classifier_tokenizer

FIT = FitConfig(learning_rate=4e-3, epochs=10, batch=8, at_once=8, held_out=0.25, patience=5)
POOL = ("none", "recency", "bm25")
TOPICS = ("coffee", "train", "report", "dog", "piano", "doctor")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_tiny_checkpoint(tmp_path_factory.mktemp("encoder") / "bert")
    write_classifier_tokenizer(folder)
    return folder


def planted(n: int = 40) -> list[PoolFeedback]:
    """Mail is answered best with what BM25 finds, invoices without anything; and a good output says "ten"."""
    records = []
    for number in range(n):
        topic, is_mail = TOPICS[number % 6], number % 2 == 0
        word = "email" if is_mail else "invoice"
        texts = (f"{word} {topic}", f"{word} {topic} rain rain", f"{word} {topic} {topic} one")
        rewards = (0.1, 0.2, 0.9) if is_mail else (0.9, 0.2, 0.1)
        records.append(
            PoolFeedback(
                name=f"q{number}",
                user=f"task/{number % 10}",
                task="LaMP_6",
                pool=POOL,
                k=2,
                candidates=tuple(
                    PoolCandidate(
                        names=(name,),
                        text=text,
                        output=f"{topic} ten" if reward > 0.5 else f"{topic} two",
                        reward=reward,
                        log_likelihood=reward - 3,
                        features={"items": place / 2},
                    )
                    for place, (name, text, reward) in enumerate(zip(POOL, texts, rewards, strict=True))
                ),
                model="llm-1",
            )
        )
    return records


def learn(source: Path, out: Path, records: list[PoolFeedback] | None = None, **settings: Any) -> Any:
    config = SelectorConfig(**{"fit": FIT, "max_tokens": 32, **settings})
    return train_selector(planted() if records is None else records, source, out, config)


@pytest.fixture(scope="module")
def made(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    out = tmp_path_factory.mktemp("selector") / "out"
    return out, learn(source, out)


def test_what_helps_when_is_learned_in_both_modes(made) -> None:
    _, report = made
    assert max(report.by_retriever.values()) < 0.7 < 0.85 < min(report.by_mode.values())
    assert min(report.success.values()) > 0.9
    assert report.best == pytest.approx(0.9)
    assert set(report.by_mode) == {"pre", "post"}


def test_the_default_is_best_over_the_tasks_and_is_left_only_for_a_lead_that_pays(made) -> None:
    _, report = made
    by_task = [replace(record, user=f"{'mail' if n % 4 == 0 else 'bills'}/{n}") for n, record in enumerate(planted())]
    # A quarter of the questions are mail, which BM25 answers best; as a task they weigh as much as all the others.
    assert default_of([record for record in by_task if "mail" in record.user]) == "bm25"
    assert place_of(by_task[0], "bm25") == 2
    assert report.default in POOL
    for mode, worth in report.by_lead.items():
        # Here choosing pays for every held-out user, far beyond a standard error.
        assert worth[f"{report.leads[mode]:g}"] == max(worth.values()) == report.by_mode[mode]
        assert report.leads[mode] < 1
        assert worth["1"] == pytest.approx(report.by_retriever[report.default])


def test_a_lead_is_given_up_only_where_that_pays_beyond_chance() -> None:
    usual = [0.4] * 8
    sure = [0.5] * 8
    lucky = [0.4] * 7 + [1.0]
    assert reluctant({0.0: sure, 0.5: sure, 1.0: usual}) == 0.5
    assert reluctant({0.0: lucky, 1.0: usual}) == 1.0
    assert reluctant({0.0: usual, 1.0: usual}) == 1.0
    assert reluctant({0.0: [0.9], 1.0: [0.4]}) == 0.0


def test_the_margin_is_the_least_that_is_worth_as_much_as_any(made) -> None:
    _, report = made
    worth = {float(margin): value for margin, (value, _) in report.by_margin.items()}
    assert worth[report.margin] == max(worth.values())
    assert all(worth[each] < worth[report.margin] for each in worth if each < report.margin)
    judged = [share for _, share in report.by_margin.values()]
    assert judged == sorted(judged)
    assert (judged[0], judged[-1]) == (0.0, 1.0)


def test_the_folder_becomes_a_bundle_that_chooses_alike(made, tmp_path) -> None:
    out, report = made
    note = read_selector_note(out)
    assert note is not None
    assert (note.pool, note.k, note.margin, note.max_tokens) == (POOL, 2, report.margin, 32)
    groups = read_candidate_groups(note.groups)
    manifest = convert_selector(
        out,
        tmp_path / "bundle",
        About(name="rspg", version="1", license="CC0-1.0"),
        recipe="fp32",
        data=[groups],
        choice=replace(note.spec(), max_tokens=5),
    )
    assert manifest.selector == replace(note.spec(), max_tokens=32)
    assert (manifest.selector.default, manifest.selector.lead_pre) == (report.default, report.leads["pre"])
    agreement = next(each for each in manifest.gate if each.measure == "agreement")
    assert (agreement.value, agreement.data) == (1.0, "candidates")


def test_the_output_is_what_is_kept_when_a_pair_is_too_long(source, tmp_path) -> None:
    judge = Judge.begin(source, tmp_path, SelectorConfig(max_tokens=16))
    long = "coffee " * 200
    alike = judge.score([(long, "ten"), (long, "two"), (long + "dog", "ten")]).tolist()
    assert alike[0] != alike[1]
    assert alike[0] == pytest.approx(alike[2])


def test_feedback_says_how_candidates_are_cut_and_the_bundle_does_too(source, tmp_path) -> None:
    whole = [replace(record, cut="evenly") for record in planted(24)]
    report = learn(source, tmp_path / "out", whole, fit=replace(FIT, epochs=1))
    note = read_selector_note(tmp_path / "out")
    assert note is not None
    assert (report.cut, note.cut, note.spec().cut) == ("evenly", "evenly", "evenly")
    told = json.loads((tmp_path / "out" / "rspg.json").read_text())
    (tmp_path / "out" / "rspg.json").write_text(json.dumps({name: told[name] for name in told if name != "cut"}))
    before = read_selector_note(tmp_path / "out")
    assert before is not None
    assert before.spec().cut == "end"
    with pytest.raises(DatasetError, match="wrote candidates differently"):
        learn(source, tmp_path / "mixed", [*whole, *planted(8)])


def test_training_cuts_as_the_feedback_says(source, tmp_path) -> None:
    candidate = "coffee " * 200 + "\n" + "\n".join(f"train\t{'rain ' * 200}\t{word}" for word in ("dog", "ten"))
    other = candidate.replace("ten", "two")
    differ: list[tuple[Cut, bool]] = [("evenly", True), ("end", False)]
    for cut, differs in differ:
        judge = Judge.begin(source, tmp_path, SelectorConfig(max_tokens=32), cut=cut)
        one, two = judge.score([(candidate, ""), (other, "")]).tolist()
        assert (one != pytest.approx(two, abs=1e-5)) is differs


def test_candidates_longer_than_the_encoder_reads_are_refused(source, tmp_path) -> None:
    with pytest.raises(ConversionError, match="reads 40 tokens at most, not 384") as caught:
        learn(source, tmp_path / "out", max_tokens=SelectorConfig().max_tokens)
    assert "--max-tokens 40" in str(caught.value.hint)
    assert not (tmp_path / "out").exists()


def test_one_mode_alone_can_be_trained(source, tmp_path) -> None:
    report = learn(source, tmp_path / "out", modes=("pre",), fit=replace(FIT, epochs=2))
    assert set(report.by_mode) == {"pre"}
    assert (report.by_margin, report.margin) == ({}, 0.0)


def test_likelihoods_teach_where_the_metric_has_ties(source, tmp_path) -> None:
    tied = [
        replace(record, candidates=tuple(replace(each, reward=0.4) for each in record.candidates))
        for record in planted()
    ]
    report = learn(source, tmp_path / "out", tied, signal="likelihood", temperature=0.5)
    assert report.n_dropped == 0
    assert report.fit.judged[report.fit.best_epoch] < report.fit.judged[0]


def test_retrievers_that_agree_are_one_candidate(source, tmp_path) -> None:
    merged = [
        replace(
            record,
            candidates=(
                replace(record.candidates[0], names=("none", "recency")),
                record.candidates[2],
            ),
        )
        for record in planted()
    ]
    report = learn(source, tmp_path / "out", merged, fit=replace(FIT, epochs=2))
    assert report.by_retriever["none"] == report.by_retriever["recency"]


def test_ties_and_single_candidates_teach_nothing_but_are_counted_in_the_rewards(source, tmp_path) -> None:
    tied = [
        replace(record, candidates=tuple(replace(each, reward=0.4) for each in record.candidates))
        for record in planted(10)
    ]
    single = [replace(record, candidates=(replace(record.candidates[0], names=POOL),)) for record in planted(10)]
    report = learn(source, tmp_path / "out", [*planted(), *tied, *single], fit=replace(FIT, epochs=1))
    assert report.n_dropped == 20
    with pytest.raises(DatasetError, match="0 tell candidates apart"):
        learn(source, tmp_path / "none", [*tied, *single])
    assert not (tmp_path / "none").exists()


def test_feedback_of_two_kinds_is_refused(source, tmp_path) -> None:
    changes: list[dict[str, Any]] = [{"k": 3}, {"model": "llm-2"}]
    for change in changes:
        mixed = [*planted(8), *(replace(record, **change) for record in planted(8))]
        with pytest.raises(DatasetError, match="different pools or language models"):
            learn(source, tmp_path / "out", mixed)


def test_nothing_is_overwritten_and_nothing_half_written(source, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ConversionError, match="something at 'out'"):
        learn(source, tmp_path / "out")
    with pytest.raises(ConversionError, match="no folder 'nowhere'"):
        learn(tmp_path / "nowhere", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_note_that_is_none_is_refused(tmp_path) -> None:
    assert read_selector_note(tmp_path) is None
    for text in ("words", "{}", json.dumps({"pool": 3})):
        (tmp_path / "rspg.json").write_text(text)
        with pytest.raises(ConversionError, match="does not say how"):
            read_selector_note(tmp_path)


def test_a_feedback_must_be_the_pools() -> None:
    record = planted(1)[0]
    with pytest.raises(ValueError, match="every retriever"):
        replace(record, candidates=record.candidates[:2])
    assert record.reward_of("bm25") == 0.9


@pytest.mark.parametrize(("shares", "leads"), [([0.7, 0.2, 0.1], 0.5), ([0.4, 0.4, 0.2], 0.0), ([1.0], 1.0)])
def test_the_lead_of_the_first_over_the_second(shares: list[float], leads: float) -> None:
    assert lead(shares) == pytest.approx(leads)


@pytest.mark.parametrize(
    "settings", [{"temperature": 0.0}, {"max_tokens": 8}, {"modes": ()}, {"modes": ("mid",)}, {"signal": "luck"}]
)
def test_what_cannot_be_trained_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"above 0|some of"):
        SelectorConfig(**settings)
