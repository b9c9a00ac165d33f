"""The façade over real rooms: a tiny encoder, a tiny language model, a real encrypted store."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondevice import AppKey, Draft, Filter, ModelSet, Personalizer, RecoveryCode, RetrievalConfig, verify_receipt
from ondevice.errors import InputError, LockedError, ModelMismatchError, NotFoundError, ProfileBusyError
from tests.tiny_models import make_tiny_encoder

KEY = b"k" * 32
ENCODER, GENERATOR = "tiny-encoder", "tiny-generator"


def created(profile: Path, models: Path) -> Personalizer:
    return Personalizer.create(profile, app_key=KEY, models=ModelSet(models, encoder=ENCODER, generator=GENERATOR))


def reopened(profile: Path, models: Path) -> Personalizer:
    return Personalizer.open(
        profile, app_key=KEY, models=ModelSet(models, encoder=ENCODER, generator=GENERATOR), create_missing=False
    )


@pytest.fixture
def me(profile_path: Path, app_models: Path) -> Iterator[Personalizer]:
    with created(profile_path, app_models) as opened:
        yield opened


def test_what_is_added_is_found_and_stands_in_the_prompt(me: Personalizer) -> None:
    cat = me.add("the cat and the rain", kind="message", fields={"title": "garden"}, metadata={"place": "oslo"})
    me.add("a train ticket to rome", time=datetime(2025, 3, 1, tzinfo=UTC))
    hits = me.search("cat in the rain", k=2)
    assert [hit.rank for hit in hits] == [1, 2]
    assert hits[0].item == cat == me.items.get(cat.id)
    assert hits[0].score > hits[1].score
    answer = me.generate("where was the cat", max_tokens=8)
    assert answer.sources[0].item == cat
    assert answer.retriever == "hybrid"
    assert set(answer.timings_ms) == {"retrieve", "prompt", "read", "generate", "total"}
    assert (
        answer.timings_ms["total"] >= sum(spent for part, spent in answer.timings_ms.items() if part != "total") * 0.9
    )
    assert 1 <= answer.n_tokens <= 8


def test_a_prepared_request_shows_its_prompt_and_is_answered_like_any_other(me: Personalizer) -> None:
    cat = me.add("the cat and the rain")
    prepared = me.prepare("where was the cat", max_tokens=4)
    assert "the cat and the rain" in prepared.prompt
    assert "cat" not in repr(prepared)
    answer, straight = me.answer(prepared), me.generate("where was the cat", max_tokens=4)
    assert (answer.text, answer.sources) == (straight.text, straight.sources)
    assert prepared.sources[0].item == cat
    labelled = me.prepare("is it raining", labels=["yes", "no"])
    assert me.answer(labelled).text in ("yes", "no")


def test_plain_answers_say_that_they_are_plain(me: Personalizer) -> None:
    me.add("the cat and the rain")
    plain = me.generate("where was the cat", retriever="none", max_tokens=4)
    assert (plain.sources, plain.retriever) == ((), "none")
    empty = me.generate("where was the cat", filter=Filter(kinds=("email",)), max_tokens=4)
    assert (empty.sources, empty.retriever) == ((), "hybrid")
    assert plain.text == empty.text


def test_saying_the_same_twice_adds_nothing_and_encodes_nothing(me: Personalizer) -> None:
    first = me.add("the cat and the rain")
    assert me.add("the cat and the rain") == first
    encoder = me.encoders.encoder()
    encoder.close()  # from here on, encoding anything fails
    assert me.add("the cat and the rain") == first
    report = me.add_many([Draft(text="the cat and the rain")] * 3)
    assert (report.n_added, report.n_known, report.item_ids) == (0, 3, (first.id,) * 3)


def test_add_many_keeps_the_order_and_reports_each_batch(me: Personalizer) -> None:
    known = me.add("two")
    seen: list[tuple[int, int]] = []
    drafts = [Draft(text=text) for text in ("one", "two", "three", "one", "four")]
    report = me.add_many(drafts, batch=2, on_progress=lambda done, total: seen.append((done, total)))
    assert (report.n_added, report.n_known) == (3, 2)
    assert [me.items.get(each).text for each in report.item_ids] == ["one", "two", "three", "one", "four"]
    assert report.item_ids[1] == known.id
    assert report.item_ids[0] == report.item_ids[3]
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_a_batch_that_fails_loses_only_itself(me: Personalizer) -> None:
    def drafts() -> Iterator[Draft]:
        for n in range(4):
            yield Draft(text=f"note {n}")
        raise InputError("the source broke off")

    with pytest.raises(InputError):
        me.add_many(drafts(), batch=2)
    assert sorted(item.text for item in me.items.list()) == ["note 0", "note 1", "note 2", "note 3"]


def test_an_update_is_searched_by_its_new_words_and_keeps_the_old_ones(me: Personalizer) -> None:
    item = me.add("the cat and the rain", metadata={"place": "oslo"})
    me.add("train ticket")
    assert me.search("piano concert", k=1)[0].item.id is not None
    changed = me.items.update(item.id, text="piano concert")
    assert (changed.version, changed.metadata["place"]) == (2, "oslo")
    for retriever in ("bm25", "dense", "hybrid"):
        assert me.search("piano concert", k=1, retriever=retriever)[0].item == changed
    assert me.search("cat rain", retriever="bm25") == []
    assert [version.text for version in me.items.history(item.id)] == ["the cat and the rain"]
    again = me.items.update(item.id, expires_at=datetime.now(UTC) + timedelta(days=1))
    assert again.expires_at is not None
    assert me.items.update(item.id, expires_at=None).expires_at is None


def test_forgetting_reaches_index_snapshot_and_prompt_state(profile_path: Path, app_models: Path) -> None:
    with created(profile_path, app_models) as me:
        item = me.add("the cat and the rain")
        me.add("train ticket")
        me.generate("where was the cat", max_tokens=4)
    with reopened(profile_path, app_models) as me:
        me.generate("where was the cat", max_tokens=4)
        receipt = me.forget(item.id)
        outcomes = {(artifact.kind, artifact.name): artifact.outcome for artifact in receipt.artifacts}
        assert receipt.verified
        assert verify_receipt(receipt)
        assert receipt.item_ids == (item.id,)
        assert "cleared" in {outcome for (kind, _), outcome in outcomes.items() if kind == "prompt cache"}
        assert not {"pending", "found"} & set(outcomes.values())
        with pytest.raises(NotFoundError):
            me.items.get(item.id)
        for retriever in ("recency", "bm25", "dense", "hybrid"):
            assert all(hit.item.id != item.id for hit in me.search("cat rain", retriever=retriever))


def test_forgetting_without_opening_a_model_drops_the_sealed_snapshot(profile_path: Path, app_models: Path) -> None:
    with created(profile_path, app_models) as me:
        item = me.add("the cat and the rain")
        me.search("cat", retriever="dense")
    with Personalizer.open(profile_path, app_key=KEY, models=ModelSet(encoder=None, generator=None)) as me:
        (name,) = me.vault.sealed.names()
        assert name.startswith("index-")
        receipt = me.forget(item.id)
        assert receipt.verified
        assert me.vault.sealed.names() == []
        assert ("sealed blob", name, "erased") in {(each.kind, each.name, each.outcome) for each in receipt.artifacts}


def test_prune_forgets_what_has_expired(me: Personalizer) -> None:
    me.add("the cat", expires_at=datetime.now(UTC) + timedelta(days=1))
    kept = me.add("the dog")
    assert me.prune() is None
    receipt = me.prune(now=datetime.now(UTC) + timedelta(days=2))
    assert receipt is not None
    assert len(receipt.item_ids) == 1
    assert me.items.list() == [kept]


def test_a_stream_gives_the_same_answer_in_pieces(me: Personalizer) -> None:
    me.add("the cat and the rain")
    whole = me.generate("where was the cat", max_tokens=12)
    with me.stream("where was the cat", max_tokens=12) as stream:
        with pytest.raises(ValueError, match="not ended"):
            _ = stream.completion
        pieces = list(stream)
        assert stream.sources == whole.sources
    assert "".join(pieces) == stream.completion.text == whole.text
    assert stream.completion.finish_reason == whole.finish_reason


def test_a_cancelled_stream_says_so_and_frees_the_model(me: Personalizer) -> None:
    stream = me.stream("where was the cat", max_tokens=64)
    for _ in stream:
        stream.cancel()
    assert stream.completion.finish_reason == "cancelled"
    with me.stream("where was the cat", max_tokens=64) as left_early:
        next(iter(left_early))
    assert left_early.completion.finish_reason == "cancelled"
    assert me.generate("where was the cat", max_tokens=2).n_tokens <= 2


def test_labels_and_schemas_bind_the_answer(me: Personalizer) -> None:
    chosen = me.generate("is it raining", labels=["yes", "no"])
    assert chosen.text in {"yes", "no"}
    assert chosen.n_tokens == 0
    schema = {"type": "object", "properties": {"n": {"enum": [1, 2]}}, "required": ["n"], "additionalProperties": False}
    answer = me.generate("how many", json_schema=schema, max_tokens=48)
    assert answer.finish_reason == "stop"
    assert json.loads(answer.text)["n"] in {1, 2}
    with pytest.raises(ValueError, match="labels"):
        me.generate("how many", labels=[])
    with pytest.raises(ValueError, match="labels or a grammar"):
        me.generate("how many", labels=["a"], grammar='root ::= "a"')
    with pytest.raises(ValueError, match="json_schema or grammar"):
        me.generate("how many", json_schema=schema, grammar='root ::= "a"')
    with pytest.raises(ValueError, match="max_tokens must be at least 1"):
        me.generate("how many", max_tokens=0)


def test_an_empty_profile_answers_plainly(me: Personalizer) -> None:
    for retriever in ("none", "recency", "bm25", "dense", "hybrid"):
        assert me.search("cat", retriever=retriever) == []
        assert me.generate("where was the cat", retriever=retriever, max_tokens=2).sources == ()


def test_earlier_turns_stay_in_the_prompt_while_they_fit(me: Personalizer) -> None:
    from ondevice.generation.prompts.chat import Message

    alone = me.stream("and the dog", max_tokens=2)
    turns = [Message(role="user", content="where was the cat"), Message(role="assistant", content="in the garden")]
    with me.stream("and the dog", max_tokens=2, earlier=turns) as stream:
        list(stream)
    with alone:
        list(alone)
    assert stream.completion.n_prompt_tokens > alone.completion.n_prompt_tokens
    many = turns * 200
    with me.stream("and the dog", max_tokens=2, earlier=many) as stream:
        list(stream)
    assert stream.completion.n_prompt_tokens <= me.generator.engine().context_tokens


def test_without_an_encoder_words_and_time_still_search(profile_path: Path, app_models: Path) -> None:
    with Personalizer.create(
        profile_path, app_key=KEY, models=ModelSet(app_models, encoder=None, generator=None)
    ) as me:
        me.add("the cat and the rain")
        assert me.search("cat")[0].item.text == "the cat and the rain"
        assert me.search("anything", retriever="recency") != []
        with pytest.raises(ValueError, match="'hybrid' needs an encoder: choose one of none, recency, bm25"):
            me.search("cat", retriever="hybrid")
        with pytest.raises(ValueError, match="cannot answer"):
            me.generate("where was the cat")
    with pytest.raises(ValueError, match="'dense' needs an encoder"):
        Personalizer.open(
            profile_path, app_key=KEY, models=ModelSet(encoder=None), retrieval=RetrievalConfig(retriever="dense")
        )
    with reopened(profile_path, app_models) as me:
        with pytest.raises(ModelMismatchError, match="1"):
            me.search("cat")
        seen: list[tuple[int, int]] = []
        report = me.items.reencode(on_progress=lambda done, total: seen.append((done, total)))
        assert (report.n_encoded, report.n_dropped, seen) == (1, 0, [(1, 1)])
        assert me.search("cat")[0].item.text == "the cat and the rain"


def test_unknown_retrievers_and_counts_are_refused(me: Personalizer) -> None:
    with pytest.raises(ValueError, match="'semantic' is unknown"):
        me.search("cat", retriever="semantic")
    with pytest.raises(ValueError, match="k must be at least 1"):
        me.search("cat", k=0)
    with pytest.raises(ValueError, match="batch must be at least 1"):
        me.add_many([], batch=0)
    with pytest.raises(ValueError, match="no task"):
        me.generate("cat", task="LaMP_99")


def test_opening(profile_path: Path, app_models: Path) -> None:
    with pytest.raises(NotFoundError):
        Personalizer.open(profile_path, app_key=KEY, models=app_models, create_missing=False)
    code = RecoveryCode.generate()
    with Personalizer.create(profile_path, app_key=KEY, recovery_code=code.text) as me:
        assert {slot.kind for slot in me.vault.slots()} == {"app", "recovery"}
        with pytest.raises(ProfileBusyError):
            Personalizer.open(profile_path, app_key=KEY)
    with Personalizer.open(profile_path, recovery_code=code.text) as me:
        me.vault.rekey(AppKey(b"n" * 32))
    with pytest.raises(LockedError):
        Personalizer.open(profile_path, app_key=KEY)
    with pytest.raises(ValueError, match="give one of passphrase"):
        Personalizer.open(profile_path)
    with pytest.raises(ValueError, match="exactly one secret"):
        Personalizer.open(profile_path, app_key=KEY, keystore=True)


def test_open_makes_a_profile_at_an_app_s_first_start(profile_path: Path) -> None:
    for _ in range(2):
        with Personalizer.open(profile_path, app_key=KEY, models=ModelSet(encoder=None)) as me:
            me.add("the cat")
            assert len(me.items.list()) == 1


def test_many_readers_beside_one_writer(me: Personalizer) -> None:
    me.add_many([Draft(text=f"cat {n} garden") for n in range(20)])
    stop = threading.Event()

    def read() -> int:
        n_read = 0
        while not stop.is_set():
            n_read += len(me.search("cat garden", k=5, retriever="hybrid"))
        return n_read

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        me.add_many([Draft(text=f"dog {n} rain") for n in range(40)], batch=4)
        me.forget(Filter(ids=tuple(item.id for item in me.items.list(limit=5))))
        stop.set()
        assert all(reader.result() > 0 for reader in readers)
    assert len(me.items.list()) == 55


def test_stats_count_what_there_is(me: Personalizer) -> None:
    me.add("the cat", kind="note")
    item = me.add("the dog", kind="email")
    me.items.update(item.id, text="the horse")
    me.search("cat", retriever="dense")
    stats = me.stats()
    assert stats.items_by_kind == {"note": 1, "email": 1}
    assert (stats.n_items, stats.n_versions, stats.epoch) == (2, 1, 1)
    assert list(stats.n_vectors_by_encoder.values()) == [2]
    assert stats.index is not None
    assert (stats.index.mode, stats.index.n_vectors) == ("exact", 2)
    assert stats.slots == ("app",)
    assert stats.database_bytes > 0


def test_backup_export_and_import(me: Personalizer, tmp_path: Path, app_models: Path) -> None:
    item = me.add("the cat and the rain", fields={"title": "garden"}, time=datetime(2025, 3, 1, tzinfo=UTC))
    me.vault.backup(tmp_path / "copy.profile")
    assert me.items.export(tmp_path / "items.jsonl") == 1
    with reopened(tmp_path / "copy.profile", app_models) as copy:
        assert copy.items.get(item.id) == item
    with created(tmp_path / "new.profile", app_models) as new:
        report = new.items.load(tmp_path / "items.jsonl")
        assert (report.n_added, report.n_known) == (1, 0)
        assert new.search("cat", retriever="dense")[0].item.text == item.text
        assert new.items.load(tmp_path / "items.jsonl").n_known == 1


def test_after_close_nothing_works_and_nothing_leaks(me: Personalizer) -> None:
    item = me.add("the xylophone")
    assert "xylophone" not in repr(me)
    assert "xylophone" not in repr(item)
    me.close()
    me.close()
    for use in (lambda: me.add("the dog"), lambda: me.search("xylophone"), lambda: me.items.get(item.id), me.stats):
        with pytest.raises(ValueError, match="closed"):
            use()
    with pytest.raises(ValueError, match="closed"):
        me.generate("where was the xylophone")


def test_missing_models_say_how_to_get_them(profile_path: Path, tmp_path: Path) -> None:
    with Personalizer.create(profile_path, app_key=KEY, models=tmp_path) as me:
        with pytest.raises(NotFoundError) as caught:
            me.add("the cat")
        assert "ondevice-models fetch" in (caught.value.hint or "")
        assert me.items.list() == []


def test_secrets_can_be_objects_of_the_vault(profile_path: Path) -> None:
    from ondevice.vault.vault import Vault

    with Personalizer.over(Vault.create(profile_path, AppKey(KEY)), models=ModelSet(encoder=None)) as me:
        me.add("the cat")
    with Personalizer.open(profile_path, app_key=KEY, models=ModelSet(encoder=None)) as me:
        assert len(me.items.list()) == 1


def test_another_encoder_takes_over_only_when_it_is_complete(
    profile_path: Path, app_models: Path, tmp_path: Path
) -> None:
    make_tiny_encoder(tmp_path / "other-encoder", name="other-encoder", dim=16)
    with created(profile_path, app_models) as me:
        me.add_many([Draft(text=f"cat {n}") for n in range(3)])
        before = set(me.stats().n_vectors_by_encoder)
    with Personalizer.open(
        profile_path, app_key=KEY, models=ModelSet(tmp_path, encoder="other-encoder", generator=None)
    ) as me:
        me.add("the dog")
        with pytest.raises(ModelMismatchError) as caught:
            me.search("dog")
        assert "reencode" in (caught.value.hint or "")
        report = me.items.reencode(batch=2)
        assert (report.n_encoded, report.n_dropped) == (3, 3)
        assert before.isdisjoint(me.stats().n_vectors_by_encoder)
        assert me.search("dog", k=1)[0].item.text == "the dog"
