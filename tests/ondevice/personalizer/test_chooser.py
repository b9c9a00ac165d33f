"""A selector that chooses a retriever for each request, over real tiny models whose scores can be foreseen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice import Completion, Filter, ModelSet, Personalizer
from ondevice.bundle import Cut
from ondevice.errors import BundleError, NotFoundError, SignatureError
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.candidates import candidate_text
from tests.ondevice.bundle.signed import OURS, THEIRS
from tests.tiny_models import make_tiny_encoder
from tests.tiny_selector import make_tiny_selector

KEY = b"k" * 32
POOL = ("none", "bm25", "recency", "ropg", "ropg-query")
Open = Callable[..., Personalizer]


@pytest.fixture
def models(app_models: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(app_models, tmp_path / "models")
    base = make_tiny_encoder(folder / "tiny-encoder")
    make_tiny_encoder(folder / "ropg", name="ropg", dim=16, seed=11)
    make_tiny_encoder(folder / "ropg-query", name="ropg-query", seed=13, passages=base.id)
    return folder


@pytest.fixture
def with_selector(models: Path, profile_path: Path) -> Iterator[Open]:
    """Open the profile with a selector of this pool."""
    opened: list[Personalizer] = []

    def open_it(*pool: str, encoder: str | None = "tiny-encoder", **spec: Any) -> Personalizer:
        if spec or pool or not (models / "chooser").exists():
            make_tiny_selector(models / "chooser", name="chooser", pool=pool or POOL, max_tokens=512, **spec)
        me = Personalizer.open(
            profile_path,
            app_key=KEY,
            models=ModelSet(models, encoder=encoder, generator="tiny-generator", selector="chooser"),
        )
        opened.append(me)
        return me

    yield open_it
    for me in opened:
        me.close()


def fill(me: Personalizer) -> None:
    """Put in what words find, and later what only time finds; the selector likes the numbers' words best."""
    me.add("the cat and the rain", time=datetime(2024, 1, 1, tzinfo=UTC))
    me.add("the dog on the beach", time=datetime(2024, 2, 1, tzinfo=UTC))
    me.add("ten ten ten", time=datetime(2024, 3, 1, tzinfo=UTC))


def score_of(me: Personalizer, completion: Completion, request: str, output: str = "", cut: Cut = "end") -> float:
    text = candidate_text("chat", request, [hit.item for hit in completion.sources], cut=cut)
    return float(me.encoders.selector().score([(text, output)])[0])


def test_the_prompts_alone_choose(with_selector: Open) -> None:
    me = with_selector(k=1)
    fill(me)
    answer = me.generate("where was the cat", selector="rspg-pre", max_tokens=4)
    chosen = answer.selection
    assert chosen is not None
    assert (answer.retriever, chosen.retriever, chosen.mode) == ("recency", "recency", "rspg-pre")
    assert not chosen.has_judged_outputs
    assert [hit.item.text for hit in answer.sources] == ["ten ten ten"]
    by_name = {each.retriever: each for each in chosen.candidates}
    assert list(by_name)[:3] == ["none", "bm25", "recency"]
    assert (by_name["none"].n_items, by_name["recency"].n_items) == (0, 1)
    assert sum(each.share for each in chosen.candidates) == pytest.approx(1)
    for name in by_name:
        alone = me.generate("where was the cat", retriever=name, k=1, max_tokens=4)
        assert by_name[name].score == score_of(me, alone, "where was the cat")
        assert by_name[name].n_items == len(alone.sources)
        if name == "recency":
            assert alone.text == answer.text
    assert chosen.left_out == {}
    assert chosen.explain().startswith("recency (as ropg-query), because its prompt took 100 % of")
    assert set(answer.timings_ms) == {"retrieve", "prompt", "select", "read", "generate", "total"}
    parts = sum(spent for part, spent in answer.timings_ms.items() if part != "total")
    assert parts <= answer.timings_ms["total"] * 1.01


@pytest.mark.parametrize("cut", ["evenly", "end"])
def test_a_selector_reads_candidates_as_its_manifest_says(with_selector: Open, cut: Cut) -> None:
    """The word that weighs most stands behind what is read in brief."""
    me = with_selector("none", "bm25", k=1, cut=cut)
    me.add("cat " * 20 + "ten")
    other: Cut = "end" if cut == "evenly" else "evenly"
    for mode in ("rspg-pre", "rspg-post"):
        answer = me.generate("where was the cat", selector=mode, max_tokens=4)
        assert answer.selection is not None
        for candidate in answer.selection.candidates:
            name = candidate.retriever
            alone = me.generate("where was the cat", retriever=name, k=1, max_tokens=4)
            output = alone.text if mode == "rspg-post" else ""
            assert candidate.score == score_of(me, alone, "where was the cat", output, cut)
            is_other = candidate.score != score_of(me, alone, "where was the cat", output, other)
            assert is_other is (name == "bm25")


def test_retrievers_with_the_same_prompt_are_one_candidate(with_selector: Open) -> None:
    me = with_selector("recency", "bm25", "none", k=4)
    me.add("the cat and the rain")
    answer = me.generate("where was the cat", selector="rspg-pre", max_tokens=2)
    assert answer.selection is not None
    assert [(each.retriever, each.same_as) for each in answer.selection.candidates] == [
        ("recency", ("bm25",)),
        ("none", ()),
    ]
    assert answer.selection.explain().startswith("recency (as bm25), because")
    nothing = me.generate("where was the cat", selector="rspg-post", filter=Filter(kinds=("email",)), max_tokens=2)
    assert nothing.selection is not None
    (only,) = nothing.selection.candidates
    assert (only.retriever, only.same_as, only.share) == ("recency", ("bm25", "none"), 1.0)
    assert not nothing.selection.has_judged_outputs
    assert "every retriever led to the same prompt" in nothing.selection.explain()


@pytest.mark.parametrize("pool", [("bm25", "recency"), ("recency", "bm25")])
def test_of_equals_the_first_of_the_pool_is_taken(with_selector: Open, pool: tuple[str, str]) -> None:
    me = with_selector(*pool, k=1)
    # Neighbours in the vocabulary: both texts weigh the same, but only one shares a word with the request.
    me.add("cat bird", time=datetime(2024, 1, 1, tzinfo=UTC))
    me.add("dog horse", time=datetime(2024, 1, 2, tzinfo=UTC))
    for mode in ("rspg-pre", "rspg-post"):
        answer = me.generate("cat", selector=mode, labels=["yes", "no"])
        assert answer.selection is not None
        assert [each.share for each in answer.selection.candidates] == [0.5, 0.5]
        assert answer.retriever == pool[0]
        assert answer.selection.has_judged_outputs == (mode == "rspg-post")


@pytest.mark.parametrize(("lead", "retriever"), [(0.0, "recency"), (1.0, "bm25")])
def test_the_usual_choice_is_left_only_for_a_clear_lead(with_selector: Open, lead: float, retriever: str) -> None:
    # The selector likes the newest item, which it would choose by both prompt and answer.
    me = with_selector("none", "bm25", "recency", k=1, default="bm25", lead_pre=lead, lead_post=lead)
    fill(me)
    for mode in ("rspg-pre", "rspg-post"):
        answer = me.generate("where was the cat", selector=mode, max_tokens=2)
        assert answer.selection is not None
        assert answer.retriever == retriever
        usual = "bm25, the usual choice, because no other leads its"
        assert answer.selection.explain().startswith(usual) == (retriever == "bm25")


def test_where_the_usual_choice_cannot_be_had_the_best_is_taken(with_selector: Open, models: Path) -> None:
    shutil.rmtree(models / "ropg")
    me = with_selector("ropg", "bm25", "recency", k=1, default="ropg", lead_pre=1.0)
    fill(me)
    assert me.generate("where was the cat", selector="rspg-pre", max_tokens=2).retriever == "recency"


def counted(me: Personalizer, prepared: Prepared) -> tuple[Completion, int]:
    asked: list[Prepared] = []

    def answer(each: Prepared) -> Completion:
        asked.append(each)
        return me._responder.answer_one(each)

    return me.answer(prepared, answer=answer), len(asked)


@pytest.mark.parametrize(("margin", "n_answers"), [(0.0, 1), (0.9, 1), (1.0, 3)])
def test_outputs_are_generated_only_where_the_prompts_do_not_settle_it(
    with_selector: Open, margin: float, n_answers: int
) -> None:
    me = with_selector("bm25", "recency", "none", k=1, margin=margin)
    fill(me)
    prepared = me.prepare("where was the cat", selector="rspg-post", max_tokens=4)
    assert len(prepared.rivals) == n_answers - 1
    assert "cat" not in repr(prepared)
    answer, n_asked = counted(me, prepared)
    assert n_asked == n_answers
    assert answer.selection is not None
    assert answer.selection.has_judged_outputs == (n_answers > 1)


def test_the_best_output_wins_whatever_its_prompt_promised(with_selector: Open) -> None:
    me = with_selector("bm25", "recency", "none", k=1)
    fill(me)
    labels = {"bm25": "ten ten ten ten ten ten", "recency": "rain", "none": "a"}
    prepared = me.prepare("where was the cat", selector="rspg-post", labels=sorted(labels.values()))
    assert prepared.request.retriever == "recency"

    def answer(each: Prepared) -> Completion:
        return replace(me._responder.answer_one(each), text=labels[each.request.retriever])

    best = me.answer(prepared, answer=answer)
    assert (best.retriever, best.text) == ("bm25", labels["bm25"])
    assert best.selection is not None
    assert best.selection.retriever == "bm25"
    assert "because its answer took" in best.selection.explain()
    for each in best.selection.candidates:
        alone = me.generate("where was the cat", retriever=each.retriever, k=1, max_tokens=2)
        assert each.score == score_of(me, alone, "where was the cat", labels[each.retriever])
    assert set(best.timings_ms) == {"retrieve", "prompt", "select", "read", "generate", "total"}


def test_equal_pairs_are_scored_once(with_selector: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    me = with_selector("bm25", "recency", k=1, margin=1)
    long = "cat " * 30
    # Only what stands behind the words that a selector reads of an item differs: other prompts, the same text.
    me.add(long + "rain", time=datetime(2024, 1, 1, 8, tzinfo=UTC))
    me.add(long + "snow", time=datetime(2024, 1, 1, 9, tzinfo=UTC))
    selector = me.encoders.selector()
    scored: list[object] = []
    score = selector.score

    def counting(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        scored.extend(pairs)
        return score(pairs)

    monkeypatch.setattr(selector, "score", counting)
    answer = me.generate("rain", selector="rspg-post", labels=["yes"])
    assert answer.selection is not None
    assert len(answer.selection.candidates) == 2
    assert len(scored) == 2  # once for both prompts, once for both outputs


def test_everything_an_answer_can_be_works_with_a_selector(with_selector: Open) -> None:
    me = with_selector("bm25", "recency", "dense", k=1)
    fill(me)
    schema = {"type": "object", "properties": {"n": {"enum": [1, 2]}}, "required": ["n"], "additionalProperties": False}
    for mode in ("rspg-pre", "rspg-post"):
        answer = me.generate("how many", selector=mode, json_schema=schema, max_tokens=48)
        assert json.loads(answer.text)["n"] in {1, 2}
        chosen = me.generate("is it raining", selector=mode, labels=["yes", "no"])
        assert chosen.text in {"yes", "no"}
        stopped = me.generate("where was the cat", selector=mode, cancel=lambda: True)
        assert (stopped.finish_reason, stopped.n_tokens) == ("cancelled", 0)
        assert stopped.selection is not None
    with me.stream("where was the cat", selector="rspg-pre", max_tokens=4) as stream:
        text = "".join(stream)
    assert stream.completion.text == text
    assert stream.completion.selection is not None
    assert stream.sources == stream.completion.sources
    with pytest.raises(ValueError, match="complete answers, so it cannot stream"):
        me.stream("where was the cat", selector="rspg-post")
    more = me.generate("where was the cat", selector="rspg-pre", k=3, max_tokens=2)
    assert len(more.sources) == 3


def test_the_pool_s_encoders_are_retrievers_of_their_own_name(with_selector: Open, models: Path) -> None:
    me = with_selector()
    fill(me)
    for name in ("ropg", "ropg-query"):
        assert me.search("cat", retriever=name)
    assert len(me.stats().n_vectors_by_encoder) == 2
    assert me.items.reencode("ropg").n_encoded == 0


def test_what_cannot_be_had_is_left_out_and_told(with_selector: Open, models: Path) -> None:
    make_tiny_encoder(models / "foreign", name="foreign", passages="elsewhere-0123456789ab")
    me = with_selector("bm25", "ropg-lost", "foreign", "../models/ropg", "none")
    fill(me)
    answer = me.generate("where was the cat", selector="rspg-pre", max_tokens=2)
    assert answer.selection is not None
    assert set(answer.selection.left_out) == {"ropg-lost", "foreign", "../models/ropg"}
    assert "without ropg-lost: there is no such model in the models' folder" in answer.selection.explain()
    assert "elsewhere-0123456789ab" in answer.selection.left_out["foreign"]
    with pytest.raises(ValueError, match="'ropg-lost' is unknown"):
        me.search("cat", retriever="ropg-lost")
    me.close()
    poor = with_selector("bm25", "dense", "hybrid", encoder=None)
    with pytest.raises(
        BundleError, match=r"fewer than two retrievers.*dense: the profile was opened without"
    ) as caught:
        poor.generate("where was the cat", selector="rspg-pre")
    assert caught.value.hint


def test_a_selector_is_asked_for_rightly(with_selector: Open, models: Path, profile_path: Path) -> None:
    me = with_selector("bm25", "none")
    with pytest.raises(ValueError, match="a retriever or a selector, not both"):
        me.generate("cat", selector="rspg-pre", retriever="bm25")
    with pytest.raises(ValueError, match="'best' is unknown: choose one of rspg-pre, rspg-post"):
        me.generate("cat", selector="best")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="k must be at least 1"):
        me.generate("cat", selector="rspg-pre", k=0)
    me.close()
    given = ModelSet(models, encoder=None, generator="tiny-generator")
    with (
        Personalizer.open(profile_path, app_key=KEY, models=given) as plain,
        pytest.raises(ValueError, match="opened without a selector"),
    ):
        plain.generate("cat", selector="rspg-pre")
    make_tiny_selector(models / "scorer", name="scorer")
    for name, error in (("scorer", BundleError), ("nowhere", NotFoundError), ("ropg", BundleError)):
        with (
            Personalizer.open(profile_path, app_key=KEY, models=replace(given, selector=name)) as wrong,
            pytest.raises(error),
        ):
            wrong.generate("cat", selector="rspg-pre")


def test_the_selector_must_be_the_pinned_publisher_s(profile_path: Path, models: Path) -> None:
    make_tiny_selector(models / "chooser", name="chooser", pool=("bm25", "none"))
    for folder in models.iterdir():
        OURS.sign(folder)
    given = ModelSet(models, encoder=None, generator="tiny-generator", selector="chooser", publishers=[OURS.key])
    with Personalizer.open(profile_path, app_key=KEY, models=given) as me:
        me.add("the cat and the rain")
        assert me.generate("cat", selector="rspg-pre", max_tokens=2).selection is not None
    THEIRS.sign(models / "chooser")
    with (
        Personalizer.open(profile_path, app_key=KEY, models=given) as me,
        pytest.raises(SignatureError, match="'chooser' is signed by"),
    ):
        me.generate("cat", selector="rspg-pre")


def test_nothing_of_the_user_stands_in_a_selection_s_repr_and_closing_frees_it(with_selector: Open) -> None:
    me = with_selector(k=2)
    fill(me)
    answer = me.generate("where was the zebra", selector="rspg-post", max_tokens=4)
    shown = repr(answer)
    for word in ("zebra", "cat", "ten ten", answer.text or "zebra"):
        assert word not in shown
    selector = me.encoders.selector()
    me.close()
    with pytest.raises(ValueError, match="closed"):
        selector.score([("a", "b")])
