"""Nobody waits for ever: whatever a stream's reader calls, or another thread calls while a stream is open."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondevice import AppKey, Draft, EngineConfig, ModelSet, Personalizer
from ondevice.config import Contrast
from ondevice.errors import GenerationError, NotFoundError
from ondevice.safety.lock_order import Changing, is_changing
from tests.tiny_adapters import keep_adapter

KEY = b"k" * 32
Call = Callable[[Personalizer, Path], object]


def opened(profile: Path, models: Path) -> Personalizer:
    return Personalizer.open(
        profile,
        app_key=KEY,
        models=ModelSet(models, encoder="tiny-encoder", generator="tiny-generator", engine=EngineConfig(threads=1)),
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, app_models: Path) -> Path:
    """Return a closed profile with two adapters, one of them in use, and a merged model; it is copied for each test."""
    profile = tmp_path_factory.mktemp("made") / "me"
    with opened(profile, app_models) as me:
        ids = [me.add(f"note {number} about roses").id for number in range(4)]
        keep_adapter(me, "style", ids[:2], seed=1)
        keep_adapter(me, "other", ids[:2], seed=2)
        me.adapters.use("style", contrast=Contrast())
        me.merged.make("style")
    return profile


@pytest.fixture
def me(tmp_path: Path, app_models: Path, made: Path) -> Iterator[Personalizer]:
    """Yield a profile with two adapters, a merged model and an item that will have expired."""
    shutil.copytree(made, tmp_path / "me")
    with opened(tmp_path / "me", app_models) as me:
        assert me.adapters.status().in_use == "style"
        me.add("the sale ends", expires_at=datetime.now(UTC) + timedelta(seconds=30))
        me.items.export(tmp_path / "items.jsonl")
        yield me


CALLS: dict[str, Call] = {
    "add": lambda me, _: me.add("heard"),
    "add_many": lambda me, _: me.add_many([Draft(text="heard"), Draft(text="seen")]),
    "update": lambda me, _: me.items.update(me.items.list()[0].id, text="changed"),
    "forget": lambda me, _: me.forget(me.items.list()[0].id),
    "prune": lambda me, _: me.prune(now=datetime.now(UTC) + timedelta(days=1)),
    "search": lambda me, _: me.search("roses"),
    "reencode": lambda me, _: me.items.reencode(),
    "rekey": lambda me, _: me.vault.rekey(AppKey(KEY)),
    "stats": lambda me, _: me.stats(open_index=True),
    "backup": lambda me, folder: me.vault.backup(folder / "backup"),
    "export": lambda me, folder: me.items.export(folder / "again.jsonl"),
    "import": lambda me, folder: me.items.load(folder / "items.jsonl"),
    "prepare": lambda me, _: me.prepare("roses"),
    "use": lambda me, _: me.adapters.use("other"),
    "use none": lambda me, _: me.adapters.use(None),
    "drop": lambda me, _: me.adapters.drop("style"),
    "keep": lambda me, _: keep_adapter(me, "style", [me.items.list()[0].id], seed=3),
    "status": lambda me, _: me.adapters.status(),
    "summary": lambda me, _: me.summaries.make(),
    "merged use": lambda me, _: me.merged.use("style"),
    "merged drop": lambda me, _: me.merged.drop("style"),
    "holdout": lambda me, _: me.planner.holdout(),
    "check": lambda me, _: me.vault.check(),
    "unload": lambda me, _: me.generator.free(),
    "close": lambda me, _: me.close(),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_stream_s_reader_may_call_anything_but_for_another_answer(
    me: Personalizer, call: str, tmp_path: Path
) -> None:
    with me.stream("roses", max_tokens=30) as stream:
        pieces = iter(stream)
        next(pieces)
        CALLS[call](me, tmp_path)
        list(pieces)
    if call != "close":
        assert me.generate("roses", max_tokens=2).finish_reason == "length"


@pytest.mark.parametrize("call", CALLS)
def test_no_other_thread_waits_for_a_stream_whose_reader_waits_for_it(
    me: Personalizer, call: str, tmp_path: Path
) -> None:
    told: list[Exception] = []

    def other() -> None:
        try:
            CALLS[call](me, tmp_path)
        except Exception as error:
            told.append(error)

    thread = threading.Thread(target=other)
    with me.stream("roses", max_tokens=30) as stream:
        next(iter(stream))
        thread.start()
        thread.join()
    assert told == []


@pytest.mark.parametrize("call", ["forget", "prune", "merged use", "unload", "close"])
def test_what_asks_for_an_answer_s_end_from_inside_it_is_told(me: Personalizer, call: str, tmp_path: Path) -> None:
    told: list[str] = []

    def cancel() -> bool:
        try:
            CALLS[call](me, tmp_path)
        except GenerationError as error:
            told.append(error.message)
        return bool(told)

    assert me.generate("roses", max_tokens=30, retriever="none", cancel=cancel).finish_reason == "cancelled"
    assert told[-1].startswith("this was asked from inside an answer")
    if call != "close":
        assert me.generate("roses", max_tokens=2).finish_reason == "length"


@pytest.mark.parametrize("change", ["rekey", "export"])
def test_an_answer_asked_for_by_whoever_tells_of_progress_is_given_or_refused(
    me: Personalizer, change: str, tmp_path: Path
) -> None:
    """Some tell of their progress while they keep changes out, and a stream's reader may wait with a change."""
    added, told = threading.Event(), list[str]()

    def read() -> None:
        with me.stream("roses", max_tokens=30, retriever="none") as stream:
            next(iter(stream))
            open_now.set()
            me.add("heard")
            added.set()

    def on_progress(done: int, total: int) -> None:
        if not reader.is_alive() and not told:
            reader.start()
            open_now.wait()
            try:
                me.generate("roses", max_tokens=2, retriever="none")
            except GenerationError as error:
                told.append(error.message)

    me.generate("roses", max_tokens=2)
    open_now, reader = threading.Event(), threading.Thread(target=read)
    if change == "rekey":
        me.vault.rekey(AppKey(KEY), on_progress=on_progress)
    else:
        me.items.export(tmp_path / "again.jsonl", on_progress=on_progress)
    reader.join()
    assert added.is_set()
    assert told == ["the language model is answering, and this thread is changing the profile"]


def test_a_language_model_is_not_loaded_for_whoever_tells_of_a_rekeying(me: Personalizer) -> None:
    me.generator.free()
    told: list[str] = []

    def on_progress(done: int, total: int) -> None:
        try:
            me.generate("roses", max_tokens=2, retriever="none")
        except GenerationError as error:
            told.append(error.message)

    me.vault.rekey(AppKey(KEY), on_progress=on_progress)
    assert set(told) == {"the language model is not loaded, and this thread is changing the profile"}


def test_erasing_nothing_ends_no_answer(me: Personalizer) -> None:
    with me.stream("roses", max_tokens=30) as stream:
        pieces = iter(stream)
        next(pieces)
        assert me.prune() is None
        nothing: tuple[str | list[str], ...] = ("unknown", [])
        for each in nothing:
            with pytest.raises(NotFoundError, match=r"not there|nothing was forgotten"):
                me.forget(each)
        list(pieces)
    assert stream.completion.finish_reason == "length"


def test_a_thread_knows_whether_it_changes_a_profile() -> None:
    mine, yours = Changing(), Changing()
    assert not is_changing()
    with mine, yours, mine:
        assert is_changing()
        elsewhere: list[bool] = []
        thread = threading.Thread(target=lambda: elsewhere.append(is_changing()))
        thread.start()
        thread.join()
        assert elsewhere == [False]
    assert not is_changing()


def test_a_forked_process_does_not_wait_for_a_thread_that_it_has_not_got() -> None:
    """Whatever it then asks of the profile, the vault refuses."""
    code = """
import os, threading
from ondevice.safety.lock_order import Changing

changing, is_held, is_over = Changing(), threading.Event(), threading.Event()

def hold():
    with changing:
        is_held.set()
        is_over.wait()

threading.Thread(target=hold).start()
is_held.wait()
child = os.fork()
if not child:
    with changing, changing:
        os._exit(7)
status = os.waitpid(child, 0)[1]
is_over.set()
print(os.waitstatus_to_exitcode(status))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "7\n"


def test_whoever_tells_of_a_rekeying_changes_nothing_and_closes_nothing(me: Personalizer, tmp_path: Path) -> None:
    """What was added to the old files would be lost with them, and what was forgotten there would come back."""
    item = me.items.list()[0]
    told: list[str] = []

    def on_progress(done: int, total: int) -> None:
        for call in ("add", "update", "forget", "use none", "keep", "drop", "merged use", "close", "rekey", "import"):
            with pytest.raises(ValueError, match="is being copied"):
                CALLS[call](me, tmp_path)
            told.append(call)

    before = me.items.list()
    me.vault.rekey(AppKey(KEY), on_progress=on_progress)
    assert told
    assert me.items.list() == before
    assert me.forget(item.id).verified
