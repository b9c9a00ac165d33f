"""Models that think aloud, through the façade: thoughts on request, apart from the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice import ModelSet, Personalizer
from ondevice.generation.prompts.thoughts import StreamEvent
from tests.tiny_generator import make_tiny_generator

ALOUD = 'root ::= "<think>\\nthe notes say it\\n</think>\\n\\nTurku"'
SWITCHED = (
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
    "{% if enable_thinking %}<think>{% else %} {% endif %}"
)


@pytest.fixture
def me(profile_path: Path, tmp_path: Path) -> Iterator[Personalizer]:
    make_tiny_generator(tmp_path / "models" / "tiny-generator", leaning={"a": 60.0}, chat_template=SWITCHED)
    models = ModelSet(tmp_path / "models", encoder=None, generator="tiny-generator")
    with Personalizer.open(profile_path, app_key=b"k" * 32, models=models) as opened:
        opened.add("Ida lives in Turku.")
        yield opened


def test_thoughts_are_in_the_completion_and_not_in_its_text(me: Personalizer) -> None:
    answer = me.generate("Where does Ida live?", grammar=ALOUD, max_tokens=9)
    assert (answer.text, answer.thinking, answer.finish_reason) == ("Turku", "the notes say it", "stop")
    assert "notes" not in repr(answer)


def test_a_stream_gives_the_answer_and_its_events_the_thoughts_too(me: Personalizer) -> None:
    with me.stream("Where does Ida live?", grammar=ALOUD) as stream:
        assert "".join(stream) == "Turku"
        assert stream.completion.thinking == "the notes say it"
    with me.stream("Where does Ida live?", grammar=ALOUD) as stream:
        events = list(stream.events())
    assert "".join(event.text for event in events if event.kind == "answer") == "Turku"
    assert "".join(event.text for event in events if event.kind == "thinking") == "\nthe notes say it\n"
    assert "notes" not in repr(events)
    assert isinstance(events[0], StreamEvent)


def test_a_model_thinks_where_it_is_asked_to_and_no_longer_than_it_may(me: Personalizer) -> None:
    plain = me.generate("Where?", max_tokens=3)
    assert (plain.text, plain.thinking, plain.n_thinking_tokens) == ("aaa", "", 0)
    aloud = me.generate("Where?", max_tokens=3, thinking=True, max_thinking_tokens=5)
    assert (aloud.text, aloud.thinking, aloud.n_tokens) == ("aaa", "aaaaa", 3)


def test_a_stream_that_is_closed_while_it_thinks_keeps_what_was_thought(me: Personalizer) -> None:
    with me.stream("Where?", thinking=True) as stream:
        first = next(stream.events())
    assert first == StreamEvent(kind="thinking", text="a")
    assert (stream.completion.finish_reason, stream.completion.text, stream.completion.thinking) == (
        "cancelled",
        "",
        "a",
    )


def test_thinking_goes_with_free_text_alone(me: Personalizer) -> None:
    with pytest.raises(ValueError, match="free text: leave out labels"):
        me.generate("Where?", labels=["Turku", "Lyon"], thinking=True)
    with pytest.raises(ValueError, match="max_thinking_tokens must be at least 1"):
        me.generate("Where?", max_thinking_tokens=0)
    with pytest.raises(TypeError, match="thinking is True or False, not str"):
        me.generate("Where?", thinking="yes")  # type: ignore[arg-type]
