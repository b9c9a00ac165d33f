"""What may be said with a request: one list for all ways of answering, and a clear word for what is none."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ondevice import Message, ModelSet, Personalizer
from ondevice.errors import LockedError, ProfileExistsError
from ondevice.learned.training_options import TrainingOptions
from ondevice.personalizer.equipment import EquipmentOptions, ProfileOptions
from ondevice.personalizer.options import AnswerOptions
from ondevice.vault.secrets import GivenSecrets

KEY = b"k" * 32


@pytest.fixture
def me(profile_path: Path, app_models: Path) -> Any:
    models = ModelSet(app_models, encoder=None, generator="tiny-generator")
    with Personalizer.open(profile_path, app_key=KEY, models=models) as opened:
        opened.add("The cat sleeps in Lyon.")
        yield opened


@pytest.mark.parametrize("way", ["generate", "prepare", "stream"])
def test_a_misspelt_option_is_refused_with_the_right_spelling(me: Personalizer, way: str) -> None:
    with pytest.raises(TypeError, match="no option 'max_token': did you mean max_tokens"):
        getattr(me, way)("where is the cat", max_token=3)
    with pytest.raises(TypeError, match="no option 'colour': there are task, retriever"):
        getattr(me, way)("where is the cat", colour="red")


@pytest.mark.parametrize(
    "parts",
    [(AnswerOptions,), (TrainingOptions,), (GivenSecrets,), (ProfileOptions, GivenSecrets, EquipmentOptions)],
    ids=lambda parts: parts[0].__name__,
)
def test_every_option_is_described(parts: tuple[type, ...]) -> None:
    described = "".join(inspect.getdoc(part) or "" for part in parts)
    assert [name for name in parts[0].__annotations__ if f"\n    {name}: " not in described] == []


@pytest.mark.parametrize("way", ["train", "search"])
def test_a_misspelt_option_of_a_training_is_refused_before_anything_is_done(me: Personalizer, way: str) -> None:
    with pytest.raises(TypeError, match="no option 'item_in_prompt': did you mean items_in_prompt"):
        getattr(me.adapters, way)(item_in_prompt=3)
    with pytest.raises(TypeError, match="recipe is a LoraRecipe, not a dict"):
        getattr(me.adapters, way)(recipe={"rank": 8})


def test_a_misspelt_secret_is_refused_with_the_right_spelling(tmp_path: Path) -> None:
    ways: tuple[Callable[..., object], ...] = (
        Personalizer.create,
        Personalizer.open,
        partial(Personalizer.restore, tmp_path / "none"),
    )
    for way in ways:
        with pytest.raises(TypeError, match="no argument 'pass_phrase': did you mean passphrase"):
            way(tmp_path / "new", pass_phrase="pw")
    assert not (tmp_path / "new").exists()


def test_an_app_s_own_system_prompt_stands_before_the_items(me: Personalizer) -> None:
    prompt = me.prepare("where is the cat", system="You are a pirate.").prompt
    assert prompt.index("You are a pirate.") < prompt.index("The cat sleeps in Lyon.") < prompt.index("where is")
    assert "helpful assistant" not in prompt
    assert "You are a pirate." in me.prepare("where", system="You are a pirate.", retriever="none").prompt


def test_a_task_with_a_prompt_of_its_own_takes_no_other(me: Personalizer) -> None:
    with pytest.raises(ValueError, match="'chat' alone"):
        me.prepare("which tag fits this movie", task="LaMP_2", system="You are a pirate.")


def test_generate_takes_earlier_turns_as_stream_does(me: Personalizer) -> None:
    earlier = [Message(role="user", content="I have a cat."), Message(role="assistant", content="How nice!")]
    prompt = me.prepare("where is it", earlier=earlier).prompt
    assert prompt.index("I have a cat.") < prompt.index("How nice!") < prompt.index("where is it")
    with me.stream("where is it", earlier=earlier, max_tokens=2) as stream:
        streamed = "".join(stream)
    assert me.generate("where is it", earlier=earlier, max_tokens=2).text == streamed


def test_a_system_message_among_earlier_turns_is_not_dropped_in_silence(me: Personalizer) -> None:
    with pytest.raises(ValueError, match="system="):
        me.generate("where", earlier=[Message(role="system", content="You are a pirate.")])


@pytest.mark.parametrize(("name", "value"), [("labels", ("yes", "no")), ("selector", "rspg-post")])
def test_what_chooses_among_complete_answers_cannot_stream(me: Personalizer, name: str, value: Any) -> None:
    with pytest.raises(ValueError, match="cannot stream: call generate"):
        me.stream("where", **{name: value})


def test_a_backup_is_restored_without_a_word_of_the_vault(me: Personalizer, tmp_path: Path, app_models: Path) -> None:
    me.vault.backup(tmp_path / "copy")
    with pytest.raises(LockedError):
        Personalizer.restore(tmp_path / "copy", tmp_path / "back", app_key=b"n" * 32)
    with pytest.raises(ValueError, match="exactly one secret"):
        Personalizer.restore(tmp_path / "copy", tmp_path / "back", app_key=KEY, passphrase="pw")
    assert not (tmp_path / "back").exists()
    Personalizer.restore(tmp_path / "copy", str(tmp_path / "back"), app_key=KEY)
    with pytest.raises(ProfileExistsError):
        Personalizer.restore(tmp_path / "copy", tmp_path / "back", app_key=KEY)
    models = ModelSet(app_models, encoder=None, generator=None)
    with Personalizer.open(tmp_path / "back", app_key=KEY, models=models) as back:
        assert [item.text for item in back.items.list()] == ["The cat sleeps in Lyon."]
