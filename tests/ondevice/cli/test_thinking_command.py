"""Thoughts at the command line: on stderr while they come, apart in the document, and only where they are asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command_line import Run, descriptor
from tests.tiny_generator import make_tiny_generator

SWITCHED = (
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
    "{% if enable_thinking %}<think>{% else %} {% endif %}"
)


@pytest.fixture
def given(run: Run, profile: Path, code: str, tmp_path: Path) -> tuple[str, ...]:
    folder = tmp_path / "models" / "aloud"
    make_tiny_generator(folder, name="aloud", leaning={"a": 60.0}, chat_template=SWITCHED, context_tokens=128)
    models = ("--models", str(tmp_path / "models"), "--generator", "aloud", "--encoder", "none")
    return ("--profile", str(profile), *models, "--retriever", "recency", "--max-tokens", "3")


def test_thoughts_come_on_stderr_and_the_answer_on_stdout(run: Run, given: tuple[str, ...], code: str) -> None:
    ran = run("ask", "Where?", "--thinking", *given, "--recovery-fd", str(descriptor(code)))
    assert ran.out == "aaa\n"
    assert "a" * 50 in ran.err.replace("\n", "")
    assert re.search(r"3 written, \d+ thought;", ran.err)
    silent = run("ask", "Where?", *given, "--recovery-fd", str(descriptor(code)))
    assert silent.out == "aaa\n"
    assert "thought" not in silent.err


def test_thoughts_stand_apart_in_the_document(run: Run, given: tuple[str, ...], code: str) -> None:
    told = run("ask", "Where?", "--thinking", "--json", *given, "--recovery-fd", str(descriptor(code))).document
    assert (told["text"], set(told["thinking"])) == ("aaa", {"a"})
    assert told["n_thinking_tokens"] > told["n_tokens"] == 3


def test_a_label_is_not_thought_about(run: Run, given: tuple[str, ...], code: str) -> None:
    ran = run("ask", "Where?", "--thinking", "--label", "x", *given, "--recovery-fd", str(descriptor(code)))
    assert ran.code == 2
    assert "--thinking goes with free text" in ran.err
