"""Rows that nothing forgotten has a part in: before the next request, behind a receipt, and while others answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice import EngineConfig, Filter, Personalizer
from ondevice.errors import NotFoundError
from ondevice.generation.llama.cache import PromptState
from ondevice.generation.persona_suffix import PersonaSuffix
from ondevice.generation.prepared import Prepared
from tests.ondevice.learned.told_profiles import ASKED, TEXTS, OpenTold, ask, fill, rows_of


def test_after_forgetting_the_rows_are_those_of_a_profile_that_never_had_the_item(open_told: OpenTold) -> None:
    had, never = open_told("had"), open_told("never")
    first, *_ = fill(had, "one secret", *TEXTS, "the secret again")
    last = had.items.list(limit=1)[0].id
    fill(never, first=2)
    before = rows_of(ask(had))
    assert before != rows_of(ask(never))
    assert had.forget([first, last]).verified
    assert rows_of(ask(had)) == rows_of(ask(never))
    assert (
        had.generate(ASKED, retriever="none", max_tokens=8).text
        == never.generate(ASKED, retriever="none", max_tokens=8).text
    )
    had.forget(Filter(), everything=True)
    assert rows_of(ask(had)) == rows_of(ask(open_told("new"))), "nobody's rows are what an empty profile has"


def test_an_update_counts_as_what_is_said_now(open_told: OpenTold) -> None:
    changed, new = open_told("changed"), open_told("new")
    item, *_ = fill(changed, *TEXTS)
    changed.items.update(item, text="a museum in rome")
    fill(new, "a museum in rome", *TEXTS[1:])
    assert rows_of(ask(changed)) == rows_of(ask(new))


def test_the_filter_and_what_has_expired_restrict_what_counts(open_told: OpenTold) -> None:
    me, fewer = open_told(), open_told("fewer")
    ids = fill(me)
    fill(fewer, *TEXTS[:3])
    assert rows_of(ask(me, filter=Filter(ids=tuple(ids[:3])))) == rows_of(ask(fewer))
    me.items.update(ids[3], expires_at=datetime.now(UTC) - timedelta(hours=1))
    assert rows_of(ask(me)) == rows_of(ask(fewer)), "an expired item has no part before it is pruned either"


ANSWERS: dict[str, Callable[[Personalizer, Prepared], object]] = {
    "answer": lambda me, prepared: me.answer(prepared).text,
    "stream": lambda me, prepared: "".join(me._responder.stream(lambda: prepared)),
}


@pytest.mark.parametrize("labels", [None, ("yes", "no")])
def test_rows_of_a_forgotten_item_are_made_anew_before_they_are_read(
    open_told: OpenTold, labels: tuple[str, ...] | None
) -> None:
    me, never = open_told(), open_told("never")
    secret, *_ = fill(me, "one secret", *TEXTS)
    fill(never, first=2)
    prepared = ask(me, labels=labels)
    stale = rows_of(prepared)
    read: list[bytes] = []
    engine = me.generator.engine()

    def seen(kept: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            read.append(named["suffix"].tobytes())
            return kept(*given, **named)

        return call

    for name in ("stream", "choose"):
        kept = getattr(engine, name)
        setattr(engine, name, seen(kept))
    aside = threading.Thread(target=me.forget, args=(secret,))
    aside.start()
    aside.join()
    expected = never.generate(ASKED, retriever="none", max_tokens=4, labels=labels)
    assert me.answer(prepared).text == expected.text
    assert read[-1] == rows_of(ask(never, labels=labels)) != stale
    with pytest.raises(NotFoundError, match="1 of 5 items of the persona were forgotten"):
        me.persona.require_whole(prepared.persona)  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_engine_refuses_rows_of_a_forgotten_item(
    open_told: OpenTold, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look that nothing can come between is the engine's own: without remaking, nothing is answered."""
    me = open_told()
    secret, *_ = fill(me, "one secret", *TEXTS)
    prepared = ask(me)
    me.forget(secret)
    monkeypatch.setattr(me._responder, "_renewed", lambda prepared: prepared)
    with pytest.raises(NotFoundError, match="items of the persona were forgotten, or have expired") as caught:
        ANSWERS[answer](me, prepared)
    assert caught.value.hint == "prepare the request again"


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_item_of_the_prompt_that_is_gone_still_ends_it(open_told: OpenTold, answer: str) -> None:
    me = open_told()
    secret, *_ = fill(me, "one secret", *TEXTS)
    prepared = me.prepare("the secret", k=1, retriever="bm25", max_tokens=4)
    assert [hit.item.id for hit in prepared.sources] == [secret]
    me.forget(secret)
    with pytest.raises(NotFoundError, match="1 of 1 items in the prompt were forgotten"):
        ANSWERS[answer](me, prepared)


def test_a_stream_that_an_erasure_overtakes_begins_again_with_new_rows(open_told: OpenTold) -> None:
    me, never = open_told(), open_told("never")
    secret, *_ = fill(me, "one secret", *TEXTS)
    fill(never, first=2)
    stream = me.stream(ASKED, retriever="none", max_tokens=8)
    me.forget(secret)
    assert "".join(stream) == never.generate(ASKED, retriever="none", max_tokens=8).text


def test_an_answer_that_an_erasure_ends_midway_is_begun_again_with_new_rows(open_told: OpenTold) -> None:
    me, never = open_told(), open_told("never")
    secret, *_ = fill(me, "one secret", *TEXTS)
    fill(never, first=2)
    forgetting: list[threading.Thread] = []

    def cancel() -> bool:
        """Let another thread forget in the middle of the answer, and go on when it waits for the answer's end."""
        if not forgetting:
            forgetting.append(threading.Thread(target=me.forget, args=(secret,)))
            forgetting[0].start()
            while forgetting[0].is_alive() and not me.generator.engine()._desk.turn.is_claimed():
                forgetting[0].join(0.001)
        return False

    answer = me.generate(ASKED, retriever="none", max_tokens=40, cancel=cancel)
    forgetting[0].join()
    assert answer.text == never.generate(ASKED, retriever="none", max_tokens=40).text


def test_nothing_forgotten_is_read_behind_its_receipt_whoever_answers_meanwhile(
    open_told: OpenTold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the model reads is looked at where it reads it, and of which items that was made where it is made."""
    me = open_told(engine=EngineConfig(threads=1))
    ids = fill(me, *TEXTS, *(f"{text} again" for text in TEXTS))
    made: dict[bytes, set[int]] = {}
    read: list[bytes] = []
    make, read_rows = me.persona._suffix, PromptState._read_suffix

    def making(*given: Any) -> PersonaSuffix:
        suffix = make(*given)
        made[suffix.rows.tobytes()] = set(suffix.item_rows)
        return suffix

    def reading(state: PromptState, rows: NDArray[np.float32]) -> None:
        read.append(rows.tobytes())
        read_rows(state, rows)

    monkeypatch.setattr(me.persona, "_suffix", making)
    monkeypatch.setattr(PromptState, "_read_suffix", reading)
    gone: list[tuple[int, int]] = []
    with answering(me) as failures:
        for number, item in enumerate(ids[:-1], 1):
            while len(read) < 3 * number and not failures:
                time.sleep(0.005)
            row = me.vault.items.row_of(item)
            assert me.forget(item).verified
            gone.append((row, len(read)))
    assert failures == []
    assert any(row in made[rows] for row, place in gone for rows in read[:place]), "it had a part before"
    assert not any(row in made[rows] for row, place in gone for rows in read[place:])


@contextmanager
def answering(me: Personalizer) -> Iterator[list[BaseException]]:
    """Let three threads answer, each in its own way, for the time of the block."""
    is_over, failures = threading.Event(), list[BaseException]()
    ways: list[Callable[[], object]] = [
        lambda: me.generate(ASKED, retriever="none", max_tokens=3),
        lambda: me.generate(ASKED, retriever="none", labels=("yes", "no")),
        lambda: me.answer(ask(me)),
    ]

    def answer(way: Callable[[], object]) -> None:
        try:
            while not is_over.is_set():
                way()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=answer, args=(way,)) for way in ways]
    for thread in threads:
        thread.start()
    yield failures
    is_over.set()
    for thread in threads:
        thread.join()


def test_the_model_keeps_no_rows_after_forgetting(open_told: OpenTold) -> None:
    me = open_told()
    ids = fill(me)
    me.generate(ASKED, retriever="none", max_tokens=4)
    assert me.forget(ids[0]).verified
    state = me.generator.engine()._desk.state
    assert not state._held
