"""``ondevice ask`` and ``chat`` say what an answer rests on; ``chat`` has commands, and keeps what it is asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.generation.prompts.refusal import REFUSAL
from tests.command_line import Ran, Run
from tests.scripted_generator import make_scripted_generator


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_scripted_generator(folder / "invents", ["[1] hm,Zed."])
    make_scripted_generator(folder / "knows", ["[1] Rub."])
    make_scripted_generator(folder / "dates", ["[1] Friday."])
    make_scripted_generator(folder / "plain", ["Rub."], reads_notes=False)
    return folder


@pytest.fixture
def with_reader(on_profile: Run, models: Path) -> Run:
    def call(*arguments: str, stdin: str = "", model: str = "invents") -> Ran:
        given = ("--models", str(models), "--encoder", "none", "--generator", model)
        return on_profile(*arguments, *given, stdin=stdin)

    call("add", "--time", "2026-03-04T12:00+00:00", "--field", "title=Lamps", "Rub has the lamp")
    return call


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_what_an_answer_rests_on_stands_under_it(with_reader: Run, command: str) -> None:
    ran = with_reader(command, stdin="who has the lamp\n")
    assert ran.out == "hm,Zed.\n"
    assert "rests on: note, 2026-03-04, Lamps" in ran.err.splitlines()
    assert "not in the notes shown: Zed" in ran.err.splitlines()
    ran = with_reader(command, stdin="who has the lamp\n", model="knows")
    assert ran.out == "Rub.\n"
    assert "rests on: note, 2026-03-04, Lamps" in ran.err.splitlines()
    assert "not in the notes shown" not in ran.err


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_the_answer_is_of_the_day_that_is_given(with_reader: Run, command: str) -> None:
    for day, made_up in (("2026-03-19", True), ("2026-03-20", False)):
        ran = with_reader(command, "--now", day, stdin="who has the lamp\n", model="dates")
        assert ran.out == "Friday.\n"
        assert ("not in the notes shown: Friday" in ran.err) is made_up


def test_a_document_has_the_citations(with_reader: Run) -> None:
    document = with_reader("ask", "--json", "who has the lamp").document
    item_id = document["sources"][0]["item"]["id"]
    assert document["citations"] == [{"start": 0, "end": 7, "item_ids": [item_id], "made_up": ["Zed"], "elsewhere": []}]
    assert document["support"] == 0.0
    turns = with_reader("chat", "--json", stdin="who has the lamp\n").document["turns"]
    assert turns[0]["citations"] == document["citations"]


@pytest.mark.parametrize(("wanted", "text"), [("say", REFUSAL), ("empty", "")])
def test_what_is_made_up_can_be_withheld(with_reader: Run, wanted: str, text: str) -> None:
    assert with_reader("ask", "--on-unsupported", wanted, "who has the lamp").out == f"{text}\n"
    ran = with_reader("chat", "--on-unsupported", wanted, stdin="who has the lamp\n")
    assert ran.out == f"{text}\n"
    assert "rests on" not in ran.err


def test_no_item_means_no_warning(with_reader: Run) -> None:
    assert "not in the notes shown" not in with_reader("ask", "--retriever", "none", "who has the lamp").err


def test_a_command_of_the_chat_is_no_question(with_reader: Run) -> None:
    said = "/help\n/halp\n/new idea\n/etc/hosts has what\nwho has the lamp\n/exit\nno\n"
    ran = with_reader("chat", stdin=said)
    assert ran.out == "hm,Zed.\n" * 2, "a path is a question, a command is none"
    for line in ("/help shows this", "there is no command /halp; /help lists them"):
        assert line in ran.err.splitlines()
    assert "/new stands alone on its line" in ran.err
    assert "/new starts over" in ran.err
    document = with_reader("chat", "--json", stdin="/help\n/halp\nwho has the lamp\n").document
    assert len(document["turns"]) == 1


def kept(run: Run) -> list[tuple[str, str]]:
    items = run("list", "--json", "--kind", "chat").document["items"]
    return sorted((item["fields"]["role"], item["text"]) for item in items)


def test_a_chat_is_kept_where_that_is_asked_for_alone(with_reader: Run, on_profile: Run) -> None:
    with_reader("chat", stdin="who has the lamp\n", model="knows")
    assert kept(on_profile) == []
    with_reader("chat", "--keep", stdin="/help\nwho has the lamp\n", model="knows")
    assert kept(on_profile) == [("assistant", "Rub."), ("user", "who has the lamp")]


def test_an_answer_that_is_made_up_or_says_nothing_is_not_kept(with_reader: Run, on_profile: Run) -> None:
    with_reader("chat", "--keep", stdin="who has the lamp\n")
    with_reader("chat", "--keep", "--on-unsupported", "say", stdin="where is the lamp\n")
    assert kept(on_profile) == [("user", "where is the lamp"), ("user", "who has the lamp")]


def test_turns_are_not_found_as_items_while_the_chat_goes_on(with_reader: Run) -> None:
    turns = with_reader("chat", "--json", "--keep", stdin="who has the lamp\nthe lamp\n", model="knows").document[
        "turns"
    ]
    assert [[hit["item"]["kind"] for hit in turn["sources"]] for turn in turns] == [["note"], ["note"]]


@pytest.mark.parametrize(
    "options", [("--label", "a", "--label", "b"), ("--json-schema", "any.json"), ("--task", "LaMP_4")]
)
def test_an_answer_that_cannot_be_checked_is_no_defect(with_reader: Run, options: tuple[str, ...]) -> None:
    ran = with_reader("ask", "--on-unsupported", "say", *options, "who has the lamp")
    assert ran.code == 2
    assert "--on-unsupported checks free text of the task chat" in ran.err


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_a_model_that_names_no_sources_is_not_asked_to_be_checked(with_reader: Run, command: str) -> None:
    ran = with_reader(command, "--on-unsupported", "say", stdin="who has the lamp\n", model="plain")
    assert (ran.code, ran.out) == (13, "")
    assert "--on-unsupported say needs a language model that reads numbered notes" in ran.err
    assert with_reader(command, stdin="who has the lamp\n", model="plain").out == "Rub.\n"


@pytest.mark.parametrize(
    "option", [("--k", "9" * 20), ("--seed", str(2**32 - 1)), ("--temperature", "1e999"), ("--temperature", "nan")]
)
def test_a_number_that_is_out_of_range_is_no_defect(with_reader: Run, option: tuple[str, str]) -> None:
    for command in ("ask", "chat"):
        ran = with_reader(command, *option, stdin="who has the lamp\n")
        assert ran.code == 2
        assert option[0] in ran.err


def test_the_last_seed_there_is_can_be_followed_by_another(with_reader: Run) -> None:
    ran = with_reader("ask", "--on-unsupported", "say", "--seed", str(2**32 - 2), "who has the lamp")
    assert ran.out == f"{REFUSAL}\n", "asked once more, with the first seed"


def test_a_line_that_is_too_long_does_not_end_the_chat(with_reader: Run) -> None:
    said = f"who has the lamp\n{'lamp ' * 2000}\nwho has the lamp\n"
    ran = with_reader("chat", stdin=said, model="knows")
    assert (ran.code, ran.out) == (0, "Rub.\nRub.\n")
    assert "error: the request has" in ran.err
    assert with_reader("chat", "--json", stdin=said, model="knows").code == 8, "a program is told by the exit code"


def test_a_character_that_no_item_may_hold_loses_nothing_of_a_kept_chat(with_reader: Run, on_profile: Run) -> None:
    ran = with_reader("chat", "--keep", stdin="who has the lamp\nwho \0 is it\n", model="knows")
    assert ran.code == 0
    assert {text for _, text in kept(on_profile)} == {"Rub.", "who has the lamp", "who \ufffd is it"}
