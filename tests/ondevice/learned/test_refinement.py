"""A refinement of searches: learned from the user's past, kept sealed, used, and gone with any item it saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ondevice import EngineConfig, Filter, ModelSet, Personalizer, RetrievalConfig
from ondevice.errors import AdaptationError, CorruptError, InputError, ModelMismatchError, NotFoundError
from ondevice.learned import RefinementReport, RefiningConfig
from ondevice.learned.merged_notes import MERGED_IN_USE
from ondevice.records import ArtifactOutcome
from ondevice.retrieval.map_in_use import IN_USE, QUERIES, REFINEMENT
from tests.tiny_models import WORDS, make_tiny_encoder
from tests.tiny_refinement import REPORT, keep_refinement, random_map

KEY = b"k" * 32
QUICK = RefiningConfig(held_out=0.2, learning_rate=0.03, rank=4)
START = datetime(2026, 1, 1, tzinfo=UTC)
Open = Callable[..., Personalizer]


@pytest.fixture
def open_one(profile_path: Path, app_models: Path) -> Iterator[Open]:
    """Yield an opener of the profile; all are closed in the end."""
    opened: list[Personalizer] = []

    def open_it(
        encoder: str | None = "tiny-encoder", models: Path = app_models, retriever: str = "dense"
    ) -> Personalizer:
        me = Personalizer.open(
            profile_path,
            app_key=KEY,
            models=ModelSet(models, encoder=encoder, generator="tiny-generator", engine=EngineConfig(threads=1)),
            retrieval=None if encoder is None else RetrievalConfig(retriever=retriever),
        )
        opened.append(me)
        return me

    yield open_it
    for me in opened:
        me.close()


@pytest.fixture
def me(open_one: Open) -> Personalizer:
    it = open_one()
    random = np.random.default_rng(2)
    for day in range(14):
        words = " ".join(random.choice(WORDS, 4))
        it.add(f"{words} {day}", kind="email", fields={"title": f"Rain {day}"}, time=START + timedelta(days=day))
    return it


def ids(me: Personalizer, n: int = 3) -> list[str]:
    return [item.id for item in me.items.list(limit=n)]


def order(me: Personalizer, retriever: str) -> list[str]:
    return [hit.item.id for hit in me.search("coffee rain", k=14, retriever=retriever)]


def sealed(me: Personalizer) -> list[str]:
    return [name for name in me.vault.sealed.names() if name.startswith("refinement-")]


def test_learning_asks_the_past_and_keeps_what_gained(me: Personalizer) -> None:
    told: list[tuple[int, int]] = []
    report = me.refinement.learn(
        task="LaMP_6",
        max_pairs=10,
        max_candidates=6,
        config=QUICK,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert isinstance(report, RefinementReport)
    assert told == [(done, len(told)) for done in range(1, len(told) + 1)]
    assert (report.task, report.n_prompts, report.is_cut) == ("LaMP_6", len(told), False)
    assert report.n_pairs + report.n_dropped == 10
    assert report.has_gained
    assert report.loss_after < report.loss_before
    assert report.reward_after > report.reward_before
    status = me.refinement.status()
    assert (status.is_there, status.is_in_use, status.report) == (True, True, report)
    assert len(sealed(me)) == 1
    assert set(me.vault.derived.item_ids(REFINEMENT, QUERIES)) == {item.id for item in me.items.list()}
    assert sorted(order(me, "refined")) == sorted(order(me, "dense"))
    again = me.refinement.learn(task="LaMP_6", max_pairs=10, max_candidates=6, config=QUICK)
    assert again is not None
    assert again.loss_after == pytest.approx(report.loss_after, abs=0.05)
    assert len(sealed(me)) == 1


def test_what_gained_nothing_is_not_kept_and_leaves_what_was_there(me: Personalizer) -> None:
    still = RefiningConfig(steps=1, learning_rate=1e-9)
    report = me.refinement.learn(task="LaMP_6", max_pairs=8, max_candidates=2, config=still)
    assert report is not None
    assert not report.has_gained
    assert (me.refinement.status().is_there, sealed(me)) == (False, [])
    keep_refinement(me, ids(me))
    before = me.refinement.status()
    me.refinement.learn(task="LaMP_6", max_pairs=8, max_candidates=2, config=still)
    assert me.refinement.status() == before


def test_what_gained_is_used_and_again_after_the_next_opening(me: Personalizer, open_one: Open) -> None:
    made = keep_refinement(me, ids(me))
    dense, refined = order(me, "dense"), order(me, "refined")
    assert sorted(dense) == sorted(refined)
    assert dense != refined
    query = me.encoders.encoder().encode_queries(["coffee rain"])[0]
    best = me.search("coffee rain", k=1, retriever="refined")[0]
    row = me.vault.items.row_of(best.item.id)
    index = me._searcher.index()
    expected = index.search(made.apply(query), 1)[0]
    assert row == expected.row
    assert best.score == pytest.approx(expected.score)
    status = me.refinement.status()
    assert (status.is_there, status.is_in_use, status.is_for_encoder) == (True, True, True)
    assert (status.n_items, status.n_bytes, status.report) == (3, len(made.to_bytes()), REPORT)
    assert (status.encoder_id, status.base_name) == (made.encoder_id, "tiny-generator")
    me.close()
    assert order(open_one(), "refined") == refined


def test_mapped_and_unmapped_vectors_of_a_query_do_not_mix(me: Personalizer) -> None:
    keep_refinement(me, ids(me))
    dense, refined = order(me, "dense"), order(me, "refined")
    assert [order(me, "dense"), order(me, "refined"), order(me, "dense")] == [dense, refined, dense]
    keep_refinement(me, ids(me), seed=9)
    other = order(me, "refined")
    assert other not in (dense, refined)
    assert order(me, "dense") == dense


def test_it_answers_too_and_a_filter_holds(me: Personalizer) -> None:
    keep_refinement(me, ids(me))
    completion = me.generate("coffee", retriever="refined", k=2, max_tokens=2)
    assert (completion.retriever, len(completion.sources)) == ("refined", 2)
    few = Filter(ids=tuple(ids(me, 2)))
    assert {hit.item.id for hit in me.search("coffee", retriever="refined", filter=few)} == set(few.ids or ())


def test_without_one_the_error_names_the_remedy(me: Personalizer, open_one: Open) -> None:
    with pytest.raises(NotFoundError, match=r"no refinement .* is in use .*ondevice refine learn"):
        me.search("coffee", retriever="refined")
    with pytest.raises(ValueError, match=r"'best' is unknown: choose one of none, recency, bm25, dense, hybrid$"):
        me.search("coffee", retriever="best")
    keep_refinement(me, ids(me))
    with pytest.raises(ValueError, match=r"dense, hybrid, refined$"):
        me.search("coffee", retriever="best")
    me.refinement.use(False)
    with pytest.raises(NotFoundError, match=r"me\.refinement\.use\(\)"):
        me.search("coffee", retriever="refined")
    me.refinement.use()
    assert len(order(me, "refined")) == 14
    me.close()
    without = open_one(encoder=None)
    with pytest.raises(ValueError, match="'refined' needs an encoder"):
        without.search("coffee", retriever="refined")
    with pytest.raises(ValueError, match="encoder=None"):
        without.refinement.learn()
    assert not without.refinement.status().is_for_encoder


def test_it_may_be_the_default_before_there_is_one(me: Personalizer, open_one: Open) -> None:
    me.close()
    again = open_one(retriever="refined")
    with pytest.raises(NotFoundError, match="ondevice refine learn"):
        again.search("coffee")
    keep_refinement(again, ids(again))
    assert again.search("coffee")


def test_forgetting_an_item_it_saw_drops_it_at_once(me: Personalizer, open_one: Open) -> None:
    seen = ids(me)
    keep_refinement(me, seen)
    order(me, "refined")
    receipt = me.forget(seen[1])
    assert receipt.verified
    assert ArtifactOutcome(kind="refinement", name="queries@1", outcome="dropped", count=1) in receipt.artifacts
    assert ArtifactOutcome(kind="refinement", name="in memory", outcome="cleared", count=1) in receipt.artifacts
    assert not me.refinement.status().is_there
    assert (sealed(me), me.vault.settings.get(IN_USE), me.vault.derived.list(REFINEMENT)) == ([], None, [])
    with pytest.raises(NotFoundError, match="no refinement"):
        me.search("coffee", retriever="refined")
    me.close()
    assert not open_one().refinement.status().is_there


def test_forgetting_or_updating_others_leaves_it(me: Personalizer) -> None:
    keep_refinement(me, ids(me))
    receipt = me.forget(me.items.list()[-1].id)
    assert ArtifactOutcome(kind="refinement", name="in memory", outcome="absent", count=0) in receipt.artifacts
    me.items.update(me.items.list()[-1].id, text="a train to oslo")
    assert me.refinement.status().is_in_use


def test_an_interrupted_erasure_is_tidied_at_the_next_opening(me: Personalizer, open_one: Open) -> None:
    keep_refinement(me, ids(me))
    me.vault.lineage.drop(REFINEMENT, "queries@1")  # as a crash between the deletion and the rest leaves it
    me.close()
    again = open_one()
    assert (again.vault.settings.get(IN_USE), again.vault.derived.list(REFINEMENT)) == (None, [])


def test_drop(me: Personalizer) -> None:
    keep_refinement(me, ids(me))
    order(me, "refined")
    me.refinement.drop()
    assert sealed(me) == []
    assert not me.refinement.status().is_there
    for call in (me.refinement.drop, me.refinement.use):
        with pytest.raises(NotFoundError, match=r"there is no refinement .*ondevice refine learn"):
            call()
    kinds = [event.kind for event in me.vault.events.list()]
    assert kinds[-2:] == ["refinement-learned", "refinement-dropped"]


def test_what_is_kept_shows_nothing(me: Personalizer, profile_path: Path) -> None:
    made = keep_refinement(me, ids(me))
    order(me, "refined")
    numbers = [made.up.tobytes(), made.down.tobytes(), made.up[0].tobytes(), made.down[-1].tobytes()]
    for closed in (False, True):
        if closed:
            me.close()
        written = b"".join(path.read_bytes() for path in profile_path.rglob("*") if path.is_file())
        assert not any(each in written for each in (*numbers, b"ODQM", b"Rain 1", made.encoder_id.encode() + b"\0"))
    assert "array" not in repr(made) + repr(me.refinement)


def test_damage_is_told_and_the_other_retrievers_go_on(me: Personalizer, profile_path: Path) -> None:
    keep_refinement(me, ids(me))
    (blob,) = profile_path.rglob("refinement-*.sealed")
    data = bytearray(blob.read_bytes())
    data[-50] ^= 1
    blob.write_bytes(data)
    with pytest.raises(CorruptError, match="authentication tag"):
        me.search("coffee", retriever="refined")
    assert me.search("coffee", retriever="dense")
    me.refinement.drop()


def test_bytes_that_are_no_map_are_refused(me: Personalizer) -> None:
    keep_refinement(me, ids(me))
    note = dict(me.vault.derived.get(REFINEMENT, QUERIES).note)
    me.vault.derived.put(REFINEMENT, QUERIES, b"ODQM", item_ids=ids(me), note=note)
    with pytest.raises(CorruptError, match="query map is damaged"):
        me.search("coffee", retriever="refined")


def test_another_encoder_s_is_refused(me: Personalizer, open_one: Open, app_models: Path) -> None:
    keep_refinement(me, ids(me))
    me.close()
    if not (app_models / "tiny-other").exists():
        make_tiny_encoder(app_models / "tiny-other", name="tiny-other", seed=5)
    other = open_one(encoder="tiny-other")
    other.items.reencode()
    with pytest.raises(ModelMismatchError, match=r"for another encoder than 'tiny-other'.*refine learn"):
        other.search("coffee", retriever="refined")
    with pytest.raises(ModelMismatchError, match="for another encoder"):
        other.refinement.use()
    status = other.refinement.status()
    assert (status.is_there, status.is_for_encoder) == (True, False)
    assert other.search("coffee", retriever="dense")


def test_a_map_of_another_dimension_is_refused(me: Personalizer) -> None:
    keep_refinement(me, ids(me))
    short = random_map(me.encoders.bundle().id, dim=8)
    note = dict(me.vault.derived.get(REFINEMENT, QUERIES).note)
    me.vault.derived.put(REFINEMENT, QUERIES, short.to_bytes(), item_ids=ids(me), note=note)
    with pytest.raises(ModelMismatchError):
        me.search("coffee", retriever="refined")


@pytest.mark.parametrize("after", [1, 12, 31])
def test_a_cancelled_one_keeps_nothing_and_leaves_what_was_there(me: Personalizer, after: int) -> None:
    keep_refinement(me, ids(me))
    before, asked = me.refinement.status(), [0]

    def cancel() -> bool:
        asked[0] += 1
        return asked[0] >= after

    assert me.refinement.learn(task="LaMP_6", max_pairs=10, max_candidates=3, cancel=cancel) is None
    assert asked[0] == after
    assert me.refinement.status() == before
    assert len(sealed(me)) == 1


def test_an_item_forgotten_meanwhile_ends_it(me: Personalizer) -> None:
    newest = me.items.list()[0].id

    def forget(done: int, total: int) -> None:
        if done == 4:
            me.forget(newest)

    with pytest.raises(NotFoundError, match=r"1 of 1[0-9] items were forgotten while .* nothing of it is kept"):
        me.refinement.learn(task="LaMP_6", max_pairs=10, max_candidates=3, on_progress=forget)
    assert (sealed(me), me.refinement.status().is_there) == ([], False)
    assert not me.generator.engine().forget_cache()


def test_one_is_learned_at_a_time(me: Personalizer) -> None:
    errors: list[ValueError] = []

    def again(done: int, total: int) -> None:
        if done == 1:
            with pytest.raises(ValueError, match="being learned already") as caught:
                me.refinement.learn(task="LaMP_6")
            errors.append(caught.value)

    me.refinement.learn(task="LaMP_6", max_pairs=8, max_candidates=2, on_progress=again)
    assert len(errors) == 1


def test_the_time_may_run_out(me: Personalizer) -> None:
    with pytest.raises(AdaptationError, match="needs 8 requests that tell"):
        me.refinement.learn(task="LaMP_6", max_candidates=2, max_seconds=1e-9)
    assert not me.refinement.status().is_there


def test_too_little_is_told(me: Personalizer) -> None:
    with pytest.raises(AdaptationError, match=r"8 requests of the task 'LaMP_6' .* 5 items give 3"):
        me.refinement.learn(task="LaMP_6", filter=Filter(until=START + timedelta(days=5)))
    with pytest.raises(ValueError, match="LaMP_9"):
        me.refinement.learn(task="LaMP_9")
    with pytest.raises(ValueError, match="max_pairs must be 8 or more"):
        me.refinement.learn(max_pairs=7)


def test_it_learns_from_the_plain_model_only(me: Personalizer) -> None:
    me.vault.settings.set(MERGED_IN_USE, {"name": "x", "allow_plaintext_file": False})
    with pytest.raises(ModelMismatchError, match=r"a merged model is in use, .*merged use --none"):
        me.refinement.learn(task="LaMP_6")


def test_a_plan_does_not_judge_it_by_what_it_has_seen(me: Personalizer) -> None:
    keep_refinement(me, ids(me, 14)[4:])
    assert me.planner.plan(task="LaMP_6", retriever="refined", k=2, held_out=0.5).n_held_out == 4
    assert me.planner.plan(task="LaMP_6", retriever="dense", k=2, held_out=0.5).n_held_out == 7


def test_an_unreadable_note_is_told(me: Personalizer) -> None:
    made = keep_refinement(me, ids(me))
    note = dict(me.vault.derived.get(REFINEMENT, QUERIES).note)
    note["report"] = {**REPORT.to_json(), "seconds": "long"}
    me.vault.derived.put(REFINEMENT, QUERIES, made.to_bytes(), item_ids=ids(me), note=note)
    with pytest.raises(InputError, match="noted of the refinement cannot be read"):
        me.refinement.status()
    assert RefinementReport.from_json(REPORT.to_json()) == REPORT
