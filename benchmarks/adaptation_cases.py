"""One user's adapter on the device: training it, its size, swapping it, and what it costs an answer.

A swap counts as done when the next prompt can be read: the adapter is applied, and the old prompts' keys and values are
overwritten. Its alternative is a model of each user's own, which has to be loaded instead.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import corpus, training_cases
from benchmarks.measure import Row, alternate, summarize, time_ms
from benchmarks.profiles import KEY
from benchmarks.training_cases import ADAPTER, OTHER, Trainings
from ondevice import EngineConfig, ModelSet, Personalizer
from ondevice.config import Contrast
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import Message

_PROMPT = "Write a long letter to a friend about the garden, the concert and the journey."
_WARM_AIM_MS, _COLD_AIM_MS = 1.0, 30.0


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured."""

    generator: str = "smollm2-135m-instruct"
    n_items: int = 100
    epochs: int = 3
    n_rounds: int = 3
    n_swaps: int = 100
    n_cold: int = 60
    n_answers: int = 15
    answer_tokens: int = 64
    threads: int | None = None


def run(models: Path, sizes: Sizes | None = None) -> Iterator[Row]:
    """Train on made-up items, then swap what was learned and answer with it."""
    sizes = sizes or Sizes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "me.profile"
        with Personalizer.create(path, app_key=KEY.key, models=ModelSet(models, encoder=None, generator=None)) as me:
            me.add_many(corpus.drafts(sizes.n_items))
        trainings = Trainings(path, models, sizes.generator)
        yield from training_cases.whole(trainings, sizes.n_items, sizes.epochs)
        with Personalizer.open(path, app_key=KEY.key) as me:
            yield _point("sealed adapter", "rank 8 on q and v, f16", "kB", me.adapters.status().sealed_bytes / 1e3)
        yield from training_cases.alternatives(trainings, sizes.n_items, sizes.n_rounds)
        config = EngineConfig(threads=sizes.threads)
        with Personalizer.open(
            path, app_key=KEY.key, models=ModelSet(models, encoder=None, generator=sizes.generator, engine=config)
        ) as me:
            yield from _swaps(me, sizes)
            yield from _answers(me, sizes)


def _swaps(me: Personalizer, sizes: Sizes) -> Iterator[Row]:
    engine = me.generator.engine()
    condition = f"context of {engine.context_tokens} tokens"
    names = (ADAPTER, OTHER)
    prompt = engine.render([Message(role="user", content=_PROMPT)])
    for name in names:
        me.adapters.use(name)

    def swap(turn: int, *, remember: bool = False) -> float:
        engine.generate(prompt, max_tokens=1)  # so that there is a prompt's state to overwrite

        def until_ready() -> None:
            me.adapters.use(names[turn % 2], remember=remember)
            engine._desk.state._condition(engine._conditioning)

        return time_ms(until_ready)

    warm = [swap(turn) for turn in range(sizes.n_swaps)]
    yield from _with_tail(warm, case="swap, loaded already", condition=condition, aim=_WARM_AIM_MS)
    calls = [
        time_ms(lambda turn=turn: me.adapters.use(names[turn % 2], remember=False)) for turn in range(sizes.n_swaps)
    ]
    yield summarize(calls, case="of that, the call to use it", condition=condition)
    written = [swap(turn, remember=True) for turn in range(sizes.n_swaps)]
    yield summarize(written, case="swap, loaded already, and remembered", condition=condition)

    def cold() -> float:
        _unload(me, engine)
        return swap(0)

    bundle = me.generator.bundle()

    def load() -> float:
        opened: list[Engine] = []
        taken = time_ms(lambda: opened.append(Engine.open(bundle, config=ModelSet().engine)))
        opened[0].close()
        return taken

    cold(), load()
    colds, loads = alternate(cold, load, n=sizes.n_cold)
    yield from _with_tail(colds, case="swap, from the sealed file", condition=condition, aim=_COLD_AIM_MS)
    yield summarize(loads, case="load a model instead", condition="its file in the system's cache")
    for case, samples in (("swap, loaded already", warm), ("swap, from the sealed file", colds)):
        ratio = statistics.median(loads) / statistics.median(samples)
        yield _point("load a model instead", f"÷ {case}", "ratio", ratio)


def _unload(me: Personalizer, engine: Engine) -> None:
    """Leave no adapter in memory, and its file not in the system's cache either."""
    me.adapters.use(None, remember=False)
    loaded = me.adapters._attachment._loaded
    for key in [*loaded]:
        engine.unload_adapter(loaded.pop(key))
    for path in me.vault.path.rglob("adapter-*"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _answers(me: Personalizer, sizes: Sizes) -> Iterator[Row]:
    engine = me.generator.engine()
    prompt = engine.render([Message(role="user", content=f"{' '.join(corpus.queries(20))}\n{_PROMPT}")])
    ways: dict[str, Callable[[], None]] = {
        "no adapter": lambda: me.adapters.use(None, remember=False),
        "adapter": lambda: me.adapters.use(ADAPTER, remember=False),
        "adapter and contrast": lambda: me.adapters.use(ADAPTER, contrast=Contrast(), remember=False),
    }
    reading: dict[str, list[float]] = {way: [] for way in ways}
    writing: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(sizes.n_answers + 1):
        for way, begin in ways.items():
            begin()
            engine.forget_cache()
            answer = engine.generate(prompt, max_tokens=sizes.answer_tokens)
            if turn:  # the first is a warm-up
                reading[way].append(answer.n_prompt_tokens / answer.timings_ms["read"] * 1e3)
                writing[way].append(answer.n_tokens / answer.timings_ms["generate"] * 1e3)
    for case, rates in (("read a prompt", reading), ("write an answer", writing)):
        for way, samples in rates.items():
            yield summarize(samples, case=case, condition=way, unit="tokens/s")
        for way in [*ways][1:]:
            shares = [rate / bare for rate, bare in zip(rates[way], rates["no adapter"], strict=True)]
            yield summarize(shares, case=case, condition=f"{way} ÷ no adapter", unit="ratio")


def _with_tail(samples: Sequence[float], *, case: str, condition: str, aim: float) -> Iterator[Row]:
    yield summarize(samples, case=case, condition=condition, aim=aim)
    tail = sorted(samples)[round(0.95 * (len(samples) - 1))]
    yield Row(
        case=case,
        condition="the 95th percentile of those",
        unit="ms",
        median=tail,
        low=tail,
        high=tail,
        n=len(samples),
        aim=aim,
    )


def _point(case: str, condition: str, unit: str, value: float) -> Row:
    return summarize([value], case=case, condition=condition, unit=unit)
