from __future__ import annotations

from pathlib import Path

import pytest

from export.adding.language_models import look_at_gguf
from export.errors import AddError
from tests.tiny_gguf import chat_values, header, write


def test_what_a_file_says_of_its_model(tmp_path: Path) -> None:
    seen = look_at_gguf(write(tmp_path, header(chat_values())))
    assert (seen.title, seen.architecture, seen.license, seen.quantization) == ("Tiny Chat", "llama", "mit", "Q4_K_M")
    assert (seen.spec.context_tokens, seen.spec.base, seen.n_parameters) == (2048, "Tiny Chat", 32)


def test_a_name_of_a_strangers_steers_no_terminal(tmp_path: Path) -> None:
    seen = look_at_gguf(write(tmp_path, header(chat_values(general__name="a\x1b[2Jb" * 99, general__license="x\ny"))))
    assert "\x1b" not in seen.title
    assert len(seen.title) <= 120
    assert seen.license == "x y"


@pytest.mark.parametrize(
    ("changes", "why", "remedy"),
    [
        ({"tokenizer__chat_template": None}, "no chat template", "instruct, chat or it"),
        ({"general__type": "adapter"}, "an adapter and no model", "made for"),
        ({"general__type": "mmproj"}, "reads images for another model", "lies beside it"),
        ({"general__architecture": "clip"}, "reads images for another model", "lies beside it"),
        ({"general__architecture": "nomic-bert"}, "makes vectors of texts", "ONNX graph"),
        ({"llama__pooling_type": 1}, "makes vectors of texts", "ONNX graph"),
        ({"split__count": 3}, "one of 3 parts", "--merge"),
        ({"general__architecture": None}, "holds no model", "whole"),
        ({"llama__context_length": None}, "how long its context is", "newer file"),
        ({"tokenizer__chat_template": "{% for %}"}, "not valid", "newer file"),
        ({"tokenizer__chat_template": "always the same"}, "leaves out what the user says", "newer file"),
        (
            {"tokenizer__chat_template": "{% for i in range(10**9) %}{% endfor %}"},
            "does too much for one prompt",
            "another model",
        ),
    ],
)
def test_what_cannot_chat_is_refused_with_the_reason_and_a_remedy(
    tmp_path: Path, changes: dict[str, object], why: str, remedy: str
) -> None:
    with pytest.raises(AddError, match=why) as caught:
        look_at_gguf(write(tmp_path, header(chat_values(**changes))))
    assert remedy in str(caught.value.hint)
