"""Everything at once on one profile, for a while: ``python -m tests.stress --seconds 120 --seed 1``.

Threads stream with readers that write, answer, forget, prune, train, use and merge adapters, search, import and rekey.
Whatever an app must expect is let pass; any other error ends it with 1. Where a thread gets nowhere for a minute and a
half, the stacks of all are printed, and it ends with 3. In the end the profile is closed under load, opened again,
checked, and emptied.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ondevice import AppKey, Draft, EngineConfig, Filter, ModelSet, Personalizer
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.config import Contrast
from ondevice.errors import AdaptationError, GenerationError, ModelMismatchError, NotFoundError, StorageError
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

KEY = b"k" * 32
PATIENCE_S = 90.0
CANARY = "zanzibarquartz"
WORDS = ("roses", "rain", "garden", "harbour", "bread", "winter", "river", "lamp")
RECIPE = LoraRecipe(projections=("q_proj",), rank=2, alpha=4.0)
TRAINING = TrainingConfig(epochs=1, batch_tokens=200, max_tokens=80)

Work = Callable[["Stress", random.Random], None]
Expected = Sequence[tuple[type[Exception], str]]

ENDED: Expected = [(GenerationError, "the answer was ended")]
GONE: Expected = [(NotFoundError, "")]
BUSY: Expected = [
    (ModelMismatchError, "is in use, and no adapter goes on top of it"),
    (NotFoundError, ""),
    (AdaptationError, "training needs"),
    (ValueError, "being trained already"),
]
CLOSED: Expected = [(ValueError, "closed"), (StorageError, ""), (GenerationError, ""), (NotFoundError, "")]


class Stress:
    """One profile, its threads, and what they met."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.models = folder / "models"
        make_tiny_encoder(self.models / "tiny-encoder")
        make_tiny_generator(self.models / "tiny-generator")
        self.me = self.open()
        self.numbers = iter(range(10**9))
        self.is_over = threading.Event()
        self.is_closing = threading.Event()
        self.done: Counter[str] = Counter()
        self.let_pass: Counter[str] = Counter()
        self.problems: list[str] = []
        self.beats: dict[str, float] = {}

    def open(self) -> Personalizer:
        return Personalizer.open(
            self.folder / "me",
            app_key=KEY,
            models=ModelSet(
                self.models,
                encoder="tiny-encoder",
                generator="tiny-generator",
                engine=EngineConfig(threads=1, context_tokens=512),
            ),
        )

    def say(self, draw: random.Random) -> str:
        return f"{CANARY} {next(self.numbers)} {' '.join(draw.sample(WORDS, 3))} and so it went on"

    def an_id(self, draw: random.Random, kind: str = "note") -> str:
        items = self.me.items.list(Filter(kinds=(kind,)), limit=50)
        if not items:
            raise NotFoundError("nothing is there yet")
        return draw.choice(items).id

    def run(self, works: Sequence[tuple[str, Work, Expected]], seconds: float) -> int:
        faulthandler.dump_traceback_later(seconds + 2 * PATIENCE_S, exit=True)
        for place in range(30):
            self.me.add(self.say(random.Random(self.seed)), kind="diary" if place < 12 else "note")
        threads = [
            threading.Thread(target=self._repeat, args=(f"{name}-{place}", *rest), name=f"{name}-{place}", daemon=True)
            for place, (name, *rest) in enumerate(works)
        ]
        for thread in threads:
            thread.start()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not self.problems:
            time.sleep(0.2)
            self._require_beats(threads)
        self.is_closing.set()
        self.me.close()
        self.is_over.set()
        for thread in threads:
            thread.join(PATIENCE_S)
        self._require_beats(threads, at_end=True)
        if not self.problems:
            self._look_behind()
        faulthandler.cancel_dump_traceback_later()
        return 1 if self.problems else 0

    def _repeat(self, name: str, work: Work, expected: Expected) -> None:
        draw = random.Random(f"{self.seed} {name}")
        while not self.is_over.is_set():
            self.beats[name] = time.monotonic()
            try:
                work(self, draw)
                self.done[name] += 1
            except Exception as error:
                if self.is_closing.is_set() and _is_among(error, CLOSED):
                    return
                if not _is_among(error, expected):
                    self.problems.append(f"{name}: {''.join(traceback.format_exception(error))}")
                    return
                self.let_pass[f"{name}: {type(error).__name__}"] += 1

    def _require_beats(self, threads: Sequence[threading.Thread], *, at_end: bool = False) -> None:
        now = time.monotonic()
        for thread in threads:
            if thread.is_alive() and (at_end or now - self.beats.get(thread.name, now) > PATIENCE_S):
                sys.stderr.write(f"{thread.name} gets nowhere\n")
                faulthandler.dump_traceback(all_threads=True)
                os._exit(3)

    def _look_behind(self) -> None:
        """Open what was closed under load: all is whole, and once it is emptied nothing of it is in memory."""
        self.me = me = self.open()
        flaws = me.vault.check()
        if flaws:
            self.problems.append(f"after closing: {flaws}")
        me.merged.use(None)
        me.search("roses", retriever="dense")
        me.generate("what of the roses?", k=2, max_tokens=4)
        receipt = me.forget(Filter(), everything=True)
        if not receipt.verified:
            self.problems.append(f"emptied, but: {[each for each in receipt.artifacts if each.outcome == 'found']}")
        desk = me.generator.engine()._desk
        held = b"".join(desk.vocabulary.piece(token) for token in desk.state._held or ())
        if CANARY.encode() in held or me.generator.engine()._adapters:
            self.problems.append("the language model still holds something of what was forgotten")
        me.close()


def _is_among(error: Exception, expected: Expected) -> bool:
    return any(isinstance(error, kind) and part in str(error) for kind, part in expected)


def stream(on: Stress, draw: random.Random) -> None:
    """Read an answer, and write between its pieces."""
    with on.me.stream("what of the roses?", k=2, max_tokens=12, earlier=()) as answer:
        for _ in answer:
            match draw.randrange(6):
                case 0:
                    on.me.add(on.say(draw))
                case 1:
                    on.me.search("rain", retriever="bm25")
                case 2:
                    on.me.items.update(on.an_id(draw), text=on.say(draw))
                case 3:
                    on.me.adapters.use(None)
                case 4 if draw.random() < 0.2:
                    on.me.forget(on.an_id(draw))
                case _:
                    pass


def ask(on: Stress, draw: random.Random) -> None:
    """Answer; nobody cancels, so no answer is cancelled."""
    labels = ("yes", "no") if draw.random() < 0.3 else None
    completion = on.me.generate("is it the rain?", k=2, max_tokens=8, labels=labels)
    if completion.finish_reason == "cancelled" and not on.is_closing.is_set():
        raise AssertionError("an answer was cut off unsaid")


def prepare(on: Stress, draw: random.Random) -> None:
    prepared = on.me.prepare("what of the garden?", k=3, max_tokens=4)
    time.sleep(draw.random() / 50)
    on.me.answer(prepared)


def write(on: Stress, draw: random.Random) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=draw.random())
    on.me.add_many(
        [Draft(text=on.say(draw), expires_at=draw.choice((None, soon))) for _ in range(draw.randrange(1, 5))]
    )
    if draw.random() < 0.1:
        on.me.add(on.say(draw), kind="diary")
        place = on.folder / f"{next(on.numbers)}.jsonl"
        on.me.items.export(place, with_vectors=True)  # without, searches are refused until all are encoded
        on.me.items.load(place)


def erase(on: Stress, draw: random.Random) -> None:
    kind = "diary" if draw.random() < 0.05 else "note"
    receipt = on.me.prune() if draw.random() < 0.2 else on.me.forget(on.an_id(draw, kind))
    if receipt is not None and any(each.outcome == "found" for each in receipt.artifacts):
        raise AssertionError(f"left behind: {receipt.artifacts}")
    time.sleep(draw.random())


def search(on: Stress, draw: random.Random) -> None:
    on.me.search(f"the {draw.choice(WORDS)} {draw.randrange(3)}", retriever=draw.choice(("dense", "bm25", "hybrid")))
    time.sleep(0.005)


def use(on: Stress, draw: random.Random) -> None:
    """Keep, use, drop; what is in use is what was chosen."""
    name = draw.choice(("one", "two"))
    match draw.randrange(5):
        case 0:
            keep_adapter(on.me, name, [on.an_id(draw)], seed=draw.randrange(5), on_forget=draw.choice(("drop", "mark")))
        case 1:
            on.me.adapters.use(name, draw.random(), contrast=draw.choice((None, Contrast())))
        case 2:
            on.me.adapters.use(None)
        case 3:
            on.me.adapters.status()
        case _:
            on.me.adapters.drop(name)


def merge(on: Stress, draw: random.Random) -> None:
    name = draw.choice(("one", "two"))
    match draw.randrange(3):
        case 0:
            on.me.merged.make(name)
        case 1:
            on.me.merged.use(name)
        case _:
            on.me.merged.use(None)
    time.sleep(2 * draw.random())


def train(on: Stress, draw: random.Random) -> None:
    """Learn from what is seldom forgotten."""
    on.me.adapters.train(
        "trained",
        filter=Filter(kinds=("diary",)),
        recipe=RECIPE,
        config=TRAINING,
        items_in_prompt=1,
        on_forget=draw.choice(("drop", "mark")),
    )


def rekey(on: Stress, draw: random.Random) -> None:
    on.me.vault.rekey(AppKey(KEY))
    on.me.stats()
    if draw.random() < 0.2:
        on.me.vault.backup(on.folder / f"backup-{next(on.numbers)}")
    time.sleep(draw.random())


WORKS: Sequence[tuple[str, Work, Expected]] = [
    ("stream", stream, [*ENDED, *GONE, *BUSY]),
    ("stream", stream, [*ENDED, *GONE, *BUSY]),
    ("ask", ask, [(NotFoundError, "in the prompt were forgotten")]),
    ("prepare", prepare, [(NotFoundError, "in the prompt were forgotten")]),
    ("write", write, []),
    ("erase", erase, GONE),
    ("search", search, []),
    ("use", use, [*BUSY, (StopIteration, "")]),  # kept by the helper, and gone before it looks
    ("merge", merge, BUSY),
    ("train", train, BUSY),
    ("rekey", rekey, []),
]


def main(given: Sequence[str] | None = None) -> int:
    """Run, and print what was done, let pass, and wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as folder:
        stress = Stress(Path(folder), wanted.seed)
        code = stress.run(WORKS, wanted.seconds)
    sys.stdout.write(f"done: {dict(sorted(stress.done.items()))}\nlet pass: {dict(sorted(stress.let_pass.items()))}\n")
    sys.stderr.writelines(stress.problems)
    return code


if __name__ == "__main__":
    sys.exit(main())
