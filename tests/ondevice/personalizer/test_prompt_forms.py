"""Two forms of a prompt: a model that learned to read notes gets numbered ones, and is told the day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ondevice import EngineConfig, Filter, ModelSet, Personalizer, SharedModels
from ondevice.generation.prepared import Prepared
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_generator

KEY = b"k" * 32
NOW = datetime(2026, 3, 18, 9, tzinfo=UTC)
ASKED = "when is the dentist"
NOTES = """Today is Wednesday 18 March 2026.

[1] note: the dentist is on monday (Wed 4 March, 2 weeks ago)
[2] email from Ana, Dentist: the dentist is on friday (Tue 17 March, yesterday)"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_generator(folder / "reads", name="reads", reads_notes=True)
    make_tiny_generator(folder / "plain", name="plain")
    return folder


def set_of(models: Path, name: str) -> ModelSet:
    return ModelSet(models, encoder=None, generator=name, engine=EngineConfig(threads=1))


@pytest.fixture
def open_one(models: Path, tmp_path: Path) -> Iterator[Callable[[str], Personalizer]]:
    opened: list[Personalizer] = []

    def open_one(name: str) -> Personalizer:
        me = Personalizer.open(tmp_path / name, app_key=KEY, models=set_of(models, name))
        opened.append(me)
        fill(me)
        return me

    yield open_one
    for me in opened:
        me.close()


def fill(me: Personalizer) -> None:
    friday = "the dentist is on friday"
    fields = {"from": "Ana", "title": "Dentist"}
    me.add(friday, kind="email", fields=fields, time=NOW - timedelta(days=1), metadata={"folder": "inbox"})
    me.add("the dentist is on monday", time=NOW - timedelta(days=14))


def texts_by_number(me: Personalizer, prepared: Prepared) -> list[str]:
    return [me.items.get(item_id).text for item_id in prepared.numbered]


def test_a_model_that_reads_notes_gets_them_numbered_and_oldest_first(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("reads")
    prepared = me.prepare(ASKED, now=NOW)
    assert NOTES in prepared.prompt
    assert texts_by_number(me, prepared) == ["the dentist is on monday", "the dentist is on friday"]
    assert sorted(hit.item.id for hit in prepared.sources) == sorted(prepared.numbered)
    assert "inbox" not in prepared.prompt
    completion = me.answer(prepared)
    assert completion.sources == prepared.sources
    with me.stream(ASKED, now=NOW, max_tokens=2) as stream:
        assert len("".join(stream)) > 0
    assert me.generate(ASKED, now=NOW, max_tokens=2).n_prompt_tokens == completion.n_prompt_tokens


def test_numbers_follow_time_whatever_the_search_finds_first(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("reads")
    best = me.prepare("dentist on friday", retriever="bm25", now=NOW)
    assert best.sources[0].item.text == "the dentist is on friday"
    assert texts_by_number(me, best)[-1] == "the dentist is on friday"
    one = me.prepare(ASKED, filter=Filter(kinds=("email",)), now=NOW)
    assert texts_by_number(me, one) == ["the dentist is on friday"]
    assert me.prepare(ASKED, retriever="none", now=NOW).numbered == ()


def test_another_model_and_another_task_keep_the_plain_form(open_one: Callable[[str], Personalizer]) -> None:
    plain = open_one("plain")
    prepared = plain.prepare(ASKED, now=NOW)
    assert "[2026-03-17] Dentist: the dentist is on friday" in prepared.prompt
    assert "Today is" not in prepared.prompt
    assert prepared.numbered == ()
    assert prepared.prompt == plain.prepare(ASKED).prompt, "the plain form does not say the day"
    asked = "Generate a subject for the following email: the dentist"
    of_task = open_one("reads").prepare(asked, task="LaMP_6", now=NOW)
    assert "[1]" not in of_task.prompt
    assert of_task.numbered == ()


def test_the_day_is_the_askers_and_by_default_this_one(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("reads")
    tokyo = timezone(timedelta(hours=9))
    assert "Today is Thursday 19 March 2026." in me.prepare(ASKED, now=NOW.replace(hour=20).astimezone(tokyo)).prompt
    before, prompt, after = date.today(), me.prepare(ASKED).prompt, date.today()
    assert any(f"Today is {day:%A} {day.day} {day:%B %Y}.\n" in prompt for day in (before, after))
    assert me.prepare(ASKED, now=None, system="You are Ada.").prompt.count("You are Ada.\nToday is ") == 1


@pytest.mark.parametrize("way", ["generate", "prepare", "stream"])
def test_a_time_without_a_zone_is_refused_by_every_model(open_one: Callable[[str], Personalizer], way: str) -> None:
    for name in ("reads", "plain"):
        me = open_one(name)
        with pytest.raises(ValueError, match=r"^now has no time zone: write datetime"):
            getattr(me, way)(ASKED, now=datetime(2026, 3, 18))
        with pytest.raises(TypeError, match="now must be a datetime, not of type str"):
            getattr(me, way)(ASKED, now="2026-03-18")


def test_who_shares_a_model_or_answers_from_a_merged_one_reads_notes_too(
    models: Path, tmp_path: Path, open_one: Callable[[str], Personalizer]
) -> None:
    with (
        SharedModels(set_of(models, "reads")) as shared,
        Personalizer.open(tmp_path / "ann", app_key=KEY, models=shared) as ann,
    ):
        fill(ann)
        assert NOTES in ann.prepare(ASKED, now=NOW).prompt
    me = open_one("reads")
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.merged.make("style")
    me.merged.use("style")
    assert NOTES in me.prepare(ASKED, now=NOW).prompt
    assert me.generator.engine().model_id.endswith("+merged")
