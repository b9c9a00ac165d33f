from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.generation.prompts.thoughts import TAGS, ThoughtSplitter, closed, opened


def split(pieces: list[str], tag: str | None = None) -> tuple[str, str]:
    splitter, thoughts, answers = ThoughtSplitter(tag=tag), "", ""
    for pushed in (*map(splitter.push, pieces), splitter.finish()):
        thoughts, answers = thoughts + pushed[0], answers + pushed[1]
    assert "".join(splitter.thoughts) == thoughts
    return thoughts, answers


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("Turku", "", "Turku"),
        ("\n Turku", "", "\n Turku"),
        ("<think>\nnotes\n</think>\n\nTurku", "\nnotes\n", "Turku"),
        ("<think></think>\n\nTurku", "", "Turku"),
        ("<think>a</think> <think>b</think> Turku", "ab", "Turku"),
        ("[THINK]a[/THINK]Turku", "a", "Turku"),
        ("<thinking>a</think>b</thinking>Turku", "a</think>b", "Turku"),
        ("<think>never ends", "never ends", ""),
        ("<think>ends in </thi", "ends in </thi", ""),
        ("<thin ice", "", "<thin ice"),
        ("<think", "", "<think"),
        ("Write <think>this</think>", "", "Write <think>this</think>"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_thoughts_are_told_from_the_answer_however_they_arrive(text, thought, answer, size):
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert split(pieces) == (thought, answer)


@given(st.text("<think>/ [THINK]a\n", max_size=60), st.integers(1, 7))
def test_the_cut_into_pieces_changes_nothing(text, size):
    assert split([text[start : start + size] for start in range(0, len(text), size)]) == split([text])


@pytest.mark.parametrize("tag", TAGS)
def test_a_prompt_may_begin_the_thoughts(tag):
    assert opened(f"user: hi\nassistant: {tag}\n") == tag
    assert split(["so", f"me{TAGS[tag]}\nTurku"], tag=tag) == ("some", "Turku")
    assert closed(f"assistant: {tag}\n") == f"assistant: {tag}\n\n{TAGS[tag]}\n\n"


def test_a_prompt_that_is_none_of_these_stays():
    assert opened("assistant:") is None
    assert closed("<think>\n\n</think>\n\n") == "<think>\n\n</think>\n\n"
