"""A request is searched alone, and in a conversation with what it follows too."""

from __future__ import annotations

import pytest

from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.queries import ANSWER_CHARS, queries_for
from ondevice.generation.prompts.refusal import REFUSAL

FOLLOWS = "What did she do yesterday?"
USER = Message(role="user", content="How is Ana?")
ANSWER = Message(role="assistant", content="She is well.")


@pytest.mark.parametrize(
    ("earlier", "queries"),
    [
        ([], (FOLLOWS,)),
        ([USER, ANSWER], (FOLLOWS, f"How is Ana?\nShe is well.\n{FOLLOWS}")),
        ([USER], (FOLLOWS, f"How is Ana?\n{FOLLOWS}")),
        ([ANSWER], (FOLLOWS,)),
        ([Message(role="user", content="Hello"), ANSWER, USER], (FOLLOWS, f"How is Ana?\n{FOLLOWS}")),
        ([USER, Message(role="assistant", content=REFUSAL)], (FOLLOWS, f"How is Ana?\n{FOLLOWS}")),
    ],
)
def test_a_request_is_searched_with_what_it_follows(earlier: list[Message], queries: tuple[str, ...]) -> None:
    assert queries_for("chat", FOLLOWS, earlier) == queries


def test_of_a_long_answer_the_beginning_is_enough() -> None:
    long = Message(role="assistant", content="x" * 1000)
    assert queries_for("chat", FOLLOWS, [USER, long])[1] == f"How is Ana?\n{'x' * ANSWER_CHARS}\n{FOLLOWS}"


def test_tasks_with_a_prompt_of_their_own_have_no_conversation() -> None:
    request = 'Generate a headline for the following article: "Rain"'
    assert len(queries_for("LaMP_4", request, [USER, ANSWER])) == 1
