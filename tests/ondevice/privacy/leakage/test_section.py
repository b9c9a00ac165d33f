"""The check on real adapters of a tiny model: what was learned by heart is caught, what not is not; no word leaks."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer
from ondevice.adaptation.lessons.pairs import hold_out_newest, item_pairs
from ondevice.adaptation.lora.weights import load_base
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig, TrainingReport
from ondevice.learned.adapter_notes import AdapterNote, AdapterPlan
from ondevice.learned.training import Learned
from ondevice.privacy.findings import Section
from ondevice.privacy.leakage import practice
from ondevice.records import Item
from ondevice.vault.secrets import AppKey
from tests.ondevice.privacy.sections import sections_of
from tests.small_trainings import ENDING
from tests.tiny_adapters import random_adapter
from tests.tiny_generator import make_tiny_generator

KEY = b"k" * 32
MARKER = "zyxmarker"
N_LEARNED, N_HELD_OUT, N_UNSEEN = 12, 2, 10


@dataclass(frozen=True)
class Audited:
    """What was audited, and what the check said of it."""

    profile: Path
    models: ModelSet
    section: Section
    steps: list[tuple[int, int]]
    was_changed: bool
    readable: list[Path]


def state_of(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def noted(me: Personalizer, seed: int, n: int) -> list[Item]:
    """Add notes of random words that end alike: the words come out of nothing but memory, and so does the end."""
    source = random.Random(seed)
    words = ["".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=5)) for _ in range(5 * n)]
    return [me.add(f"{MARKER} {' '.join(words[5 * place : 5 * place + 5])}{ENDING}") for place in range(n)]


def keep(
    me: Personalizer, name: str, items: list[Item], data: bytes, *, base: str | None = None, n_lost: int = 0
) -> None:
    """Keep an adapter as a training on these items would."""
    bundle = me.generator.bundle()
    config = TrainingConfig(epochs=1, max_tokens=160, held_out=N_HELD_OUT / len(items), batch_tokens=2048)
    plan = AdapterPlan(task="chat", filter=None, recipe=LoraRecipe(rank=4), config=config, on_forget="drop")
    report = TrainingReport(
        n_examples=len(items) - N_HELD_OUT - n_lost,
        n_held_out=N_HELD_OUT,
        n_steps=3,
        epochs_done=1,
        loss_before=3.0,
        loss_after=2.0,
        seconds=1.0,
        peak_bytes=1,
        stopped="done",
    )
    learned = Learned(report=report, item_ids=tuple(item.id for item in items), adapter=data, checkpoint=None)
    note = AdapterNote(base=base or bundle.files["model"].sha256, base_name=bundle.name, plan=plan, report=report)
    assert me.adapters._trainings.keep(name, learned, note)


def learned_by_heart(me: Personalizer, items: list[Item], n: int = N_LEARNED) -> bytes:
    """Return an adapter that knows the first of the items by heart."""
    pairs = item_pairs(items, task="chat")
    members, _ = hold_out_newest(pairs, N_HELD_OUT / len(pairs))
    base = load_base(me.generator.bundle().file("model"))
    lesson = practice.by_heart(members[:n])
    # A step reads all of them: one alone is read as often in more epochs.
    config = replace(lesson.config, epochs=lesson.config.epochs * N_LEARNED // n // 4)
    return practice.trained(replace(lesson, config=config) if n == 1 else lesson, base, me.generator.engine())


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    """Audit a profile of five adapters.

    One knows its texts by heart, one a single text of many; one has learned nothing, one fits no model, and of one
    nobody can tell which texts it learned.
    """
    import torch

    folder, threads = tmp_path_factory.mktemp("leakage"), torch.get_num_threads()
    make_tiny_generator(folder / "models" / "tiny-generator")
    models = ModelSet(
        folder / "models", encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1, context_tokens=512)
    )
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        # A random model needs more steps than one that can write; its notes are short here, because it reads bytes.
        patch.setattr(practice, "_MOST_CHARACTERS", 100)
        patch.setattr(
            practice,
            "BY_HEART_CONFIG",
            replace(practice.BY_HEART_CONFIG, learning_rate=1e-2, epochs=30, batch_tokens=1024, patience=30),
        )
        with Personalizer.create(folder / "me", app_key=KEY, models=models) as me:
            items = noted(me, 1, N_LEARNED + N_HELD_OUT)
            by_heart = learned_by_heart(me, items)
            keep(me, "heart", items, by_heart)
            keep(me, "innocent", items, random_adapter())
            keep(me, "one", items, learned_by_heart(me, items, 1))
            keep(me, "unknown", items, by_heart, n_lost=1)
            keep(me, f"{MARKER}-other", items, random_adapter(), base="0" * 64)
            noted(me, 2, N_UNSEEN)
            me.merged.make("heart")
            me.merged.use("heart")
        before = state_of(folder / "me")
        steps: list[tuple[int, int]] = []
        readable: list[Path] = []
        (folder / "scratch").mkdir()
        patch.setattr(tempfile, "tempdir", str(folder / "scratch"))

        def on_progress(done: int, total: int) -> None:
            steps.append((done, total))
            files = [path for path in (folder / "scratch").rglob("*") if path.is_file()]
            assert files
            readable.extend(path for path in files if MARKER.encode() in path.read_bytes())

        (section,) = sections_of(
            folder / "me",
            AppKey(KEY),
            models=models,
            checks=["leakage"],
            deep=True,
            on_progress=on_progress,
        )
        yield Audited(folder / "me", models, section, steps, state_of(folder / "me") != before, readable)
    torch.set_num_threads(threads)


def codes_of(section: Section, what: str) -> set[str]:
    return {finding.code for finding in section.findings if what in finding.text}


def test_what_was_learned_by_heart_is_caught(audited: Audited) -> None:
    grave = {"leakage/membership", "leakage/extraction"}
    assert codes_of(audited.section, "adapter 1 of 5") == grave
    assert codes_of(audited.section, "merged model 1 of 1") == grave
    assert audited.section.verdict == "failed"


def test_what_has_learned_nothing_is_not(audited: Audited) -> None:
    assert codes_of(audited.section, "adapter 2 of 5") == set()


def test_one_text_by_heart_among_many_is_caught_where_the_area_tells_nothing(audited: Audited) -> None:
    codes = codes_of(audited.section, "adapter 3 of 5")
    assert {"leakage/by-heart", "leakage/extraction"} <= codes
    assert "leakage/membership" not in codes


def test_what_comes_out_of_an_adapter_counts_whatever_its_notes_say(audited: Audited) -> None:
    codes = codes_of(audited.section, "adapter 4 of 5")
    assert codes == {"leakage/not-attacked", "leakage/extraction"}


def test_what_could_not_be_attacked_is_told(audited: Audited) -> None:
    assert codes_of(audited.section, "adapter 5 of 5") == {"leakage/not-attacked"}


def test_the_controls_show_that_the_instruments_work(audited: Audited) -> None:
    codes = {finding.code for finding in audited.section.findings}
    assert codes.isdisjoint({"leakage/positive-control", "leakage/negative-control", "leakage/no-controls"})
    assert {table.title for table in audited.section.tables} >= {"Controls", "Canary exposure in bits"}


def test_the_report_holds_no_word_of_the_user_and_no_name(audited: Audited) -> None:
    said = repr(audited.section)
    assert MARKER not in said
    assert "heart'" not in said.replace("by heart'", "").replace("by-heart'", "")


def test_the_profile_is_as_it_was_and_nothing_readable_lay_beside_it(audited: Audited) -> None:
    assert not audited.was_changed
    assert audited.readable == []
    assert audited.steps[-1][0] == audited.steps[-1][1] == len(audited.steps)


def test_a_quick_audit_says_how_to_run_it(audited: Audited) -> None:
    (section,) = sections_of(audited.profile, AppKey(KEY), models=audited.models, checks=["leakage"])
    assert section.verdict == "not run"
    assert "--deep" in section.not_tested[0]


def test_without_a_model_nothing_passes_in_silence(audited: Audited, tmp_path: Path) -> None:
    for models in (replace(audited.models, generator=None), replace(audited.models, folder=tmp_path)):
        (section,) = sections_of(audited.profile, AppKey(KEY), models=models, checks=["leakage"], deep=True)
        assert [finding.code for finding in section.findings] == ["leakage/no-model"]
        assert section.verdict == "noted"


def test_a_profile_that_has_learned_nothing_has_nothing_to_attack(audited: Audited, tmp_path: Path) -> None:
    with Personalizer.create(tmp_path / "new", app_key=KEY, models=audited.models) as me:
        me.add("a note")
    for models in (audited.models, replace(audited.models, generator=None)):
        (section,) = sections_of(tmp_path / "new", AppKey(KEY), models=models, checks=["leakage"], deep=True)
        assert section.verdict == "passed"
        assert "nothing to attack" in section.not_tested[0]
