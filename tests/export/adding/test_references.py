from __future__ import annotations

from pathlib import Path

import pytest

from export.adding.references import HubReference, name_of, parse_reference
from ondevice.errors import InputError, NotFoundError


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hf:some/model", HubReference(repo="some/model")),
        ("hf:some/model:Q4_K_M", HubReference(repo="some/model", quantization="Q4_K_M")),
        ("hf:some/model/sub/a b.gguf", HubReference(repo="some/model", file="sub/a b.gguf")),
        ("hf:some/model:Q8_0@v1.0", HubReference(repo="some/model", quantization="Q8_0", revision="v1.0")),
        ("hf:some/model@refs/pr/3", HubReference(repo="some/model", revision="refs/pr/3")),
    ],
)
def test_what_is_meant_on_the_hub(text: str, meant: HubReference) -> None:
    assert parse_reference(text) == meant


@pytest.mark.parametrize(
    "text",
    ["hf:", "hf:model", "hf:a/b:", "hf:../b", "hf:a/..", "hf:a/b/../c", "hf:a/b//c", "hf:a/b@", "hf:a/b@../x",
     "hf:a/b?x", "hf:a b/c", "hf:a/b:Q4/file.gguf", "hf:a/b/c\\d", "hf:http://x/y"],
)  # fmt: skip
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="names nothing on the model hub"):
        parse_reference(text)


def test_everything_else_is_a_path_that_must_be_there(tmp_path: Path) -> None:
    assert parse_reference(str(tmp_path)) == tmp_path
    with pytest.raises(NotFoundError, match="no file or folder"):
        parse_reference(str(tmp_path / "none.gguf"))


def test_a_files_name_becomes_a_models() -> None:
    assert name_of("Qwen3 0.6B (Instruct).Q4_K_M") == "qwen3-0.6b-instruct-.q4_k_m"
    assert name_of("a" * 99) == "a" * 64
    with pytest.raises(InputError, match="--name"):
        name_of("模型")
