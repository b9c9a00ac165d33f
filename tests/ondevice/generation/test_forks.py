"""A model answers in the process that loaded it; one that is forked from it is told so, and harms nothing by ending."""

from __future__ import annotations

import pytest

from ondevice.bundle import Bundle
from tests import forked_scenes

SETTING = """
import threading, time
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine

bundle = Bundle.open(Path(sys.argv[1]), kind="generator")
config = EngineConfig(threads=2)

def answer(engine, max_tokens=8):
    return engine.generate("the cat", max_tokens=max_tokens).text

def fresh():
    with Engine.open(bundle, config=config) as engine:
        return answer(engine)

engine = Engine.open(bundle, config=config)
before = answer(engine)
"""
REFUSED = (
    "child: GenerationError: the language model was loaded before this process was forked, and cannot be used in it"
    " (open the profile after the fork, or start the process anew (spawn))"
)


def play(scene: str, bundle: Bundle) -> list[str]:
    return forked_scenes.play(SETTING + scene, bundle.folder)


@pytest.mark.parametrize(
    "use",
    [
        "answer(engine)",
        "engine.choose('the cat', ['yes', 'no'])",
        "engine.log_likelihood('the cat', 'sat')",
        "engine.count_tokens('the cat')",
        "next(iter(engine.stream('the cat', max_tokens=3)))",
    ],
)
def test_what_was_loaded_before_is_not_used_after(tiny_bundle, use):
    told = play(f"in_a_fork(lambda: {use})\nprint(answer(engine) == before)", tiny_bundle)
    assert told == [REFUSED, "True"]


def test_what_is_loaded_after_the_fork_answers(tiny_bundle):
    """Although the thread that forked has computed before, and OpenMP kept threads for it."""
    told = play("in_a_fork(lambda: fresh() == before)\nprint(answer(engine) == before)", tiny_bundle)
    assert told == ["child: True", "True"]


def test_a_fork_while_another_thread_computes_is_no_different(tiny_bundle):
    scene = """
done = threading.Event()
thread = threading.Thread(target=lambda: [answer(engine, 300) for _ in iter(done.is_set, True)])
thread.start()
for work in (fresh, lambda: answer(engine), engine.forget_cache, engine.close):
    time.sleep(0.02)
    in_a_fork(work, exits=True)
done.set()
thread.join()
print(answer(engine) == before)
"""
    first, second, third, fourth, last = play(scene, tiny_bundle)
    assert first.startswith("child: ")
    assert "Error" not in first
    assert (second, fourth, last) == (REFUSED, "child: None", "True")
    assert third in ("child: True", "child: False")


def test_a_stream_that_was_opened_before_goes_on_in_one_process_only(tiny_bundle):
    scene = """
with engine.stream("the cat", max_tokens=40) as stream:
    pieces = [next(stream)]
    in_a_fork(lambda: next(stream))
    in_a_fork(stream.close, exits=True)
    in_a_fork(engine.close)
    pieces += stream
print("".join(pieces) == answer(engine, 40))
"""
    assert play(scene, tiny_bundle) == [REFUSED, "child: None", "child: None", "True"]


def test_forgetting_and_closing_reach_only_the_process_they_are_asked_in(tiny_bundle):
    scene = """
in_a_fork(engine.forget_cache)
in_a_fork(engine.close, exits=True)
print(engine.generate("the cat", max_tokens=1).n_reused_tokens)
"""
    assert play(scene, tiny_bundle)[:2] == ["child: True", "child: None"]
    assert int(play(scene, tiny_bundle)[2]) > 0


def test_forked_from_a_fork_and_from_a_worker(tiny_bundle):
    scene = """
in_a_fork(lambda: (fresh() == before, in_a_fork(lambda: fresh() == before)))
import multiprocessing
def work():
    signal.alarm(60)
    print("worker:", fresh() == before, flush=True)
worker = multiprocessing.get_context("fork").Process(target=work)
worker.start()
worker.join(60)
print(worker.exitcode)
"""
    assert play(scene, tiny_bundle) == ["child: True", "child: (True, None)", "worker: True", "0"]
