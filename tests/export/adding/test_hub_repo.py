from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from export.adding.hub_repo import HubFile, HubRepo, read_repo
from export.adding.references import HubReference
from export.errors import AddError, FetchError
from export.models.hub import Connection, Hub
from ondevice.errors import NotFoundError
from tests.export.adding.conftest import COMMIT, REPO
from tests.tiny_host import Host

MANY = ("m-Q2_K.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf", "mmproj-m.gguf", "m-f16-00001-of-00002.gguf", "README.md")


def repo(*paths: str) -> HubRepo:
    return HubRepo(repo=REPO, commit=COMMIT, license="", files={path: HubFile(path=path, bytes=1) for path in paths})


@pytest.mark.parametrize(
    ("paths", "asked", "chosen"),
    [
        (MANY, {}, "m-Q4_K_M.gguf"),
        (MANY, {"quantization": "q8_0"}, "m-Q8_0.gguf"),
        (MANY, {"file": "m-Q2_K.gguf"}, "m-Q2_K.gguf"),
        (("only.gguf",), {}, "only.gguf"),
        (("onnx/model.onnx", "onnx/model_int8.onnx", "tokenizer.json"), {}, "onnx/model.onnx"),
        (("onnx/model.onnx", "onnx/model_int8.onnx"), {"quantization": "int8"}, "onnx/model_int8.onnx"),
        (("model.onnx", "m.gguf"), {}, "m.gguf"),
    ],
)
def test_the_file_that_is_meant(paths: tuple[str, ...], asked: dict[str, str], chosen: str) -> None:
    assert repo(*paths).chosen(HubReference(repo=REPO, **asked)).path == chosen


@pytest.mark.parametrize(
    ("paths", "asked", "why", "hint"),
    [
        (MANY, {"quantization": "Q5_0"}, "no variant 'Q5_0'", "it has: m-Q2_K.gguf, m-Q4_K_M.gguf, m-Q8_0.gguf"),
        (MANY, {"file": "other.gguf"}, "no file 'other.gguf'", "it has: "),
        (("a-Q2_K.gguf", "b-Q3_K.gguf"), {}, "several models", "it has: a-Q2_K.gguf, b-Q3_K.gguf"),
        (("model.safetensors",), {}, "no GGUF file or ONNX graph", "weights are for training"),
        (("README.md",), {}, "no GGUF file or ONNX graph", "says GGUF"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    paths: tuple[str, ...], asked: dict[str, str], why: str, hint: str
) -> None:
    with pytest.raises(AddError, match=why) as caught:
        repo(*paths).chosen(HubReference(repo=REPO, **asked))
    assert hint in str(caught.value.hint)


@pytest.mark.loopback
def test_a_revision_becomes_the_commit_that_it_names_now(publish: Callable[..., None], host: Host) -> None:
    publish({"m.gguf": b"x", "README.md": b"y"}, revision="refs%2Fpr%2F3")
    with Hub(Connection(endpoint=host.url)) as hub:
        read = read_repo(hub, HubReference(repo=REPO, revision="refs/pr/3"))
    assert (read.commit, read.license) == (COMMIT, "mit")
    assert read.files["m.gguf"].sha256 is not None
    assert read.files["README.md"].sha256 is None


@pytest.mark.loopback
@pytest.mark.parametrize(
    "changed",
    [{"sha": "main"}, {"sha": None}, {"siblings": None}, {"siblings": [{"rfilename": "x", "size": 1}] * 20_001}],
)
def test_an_answer_that_names_no_commit_or_no_files_is_refused(
    publish: Callable[..., None], host: Host, changed: dict[str, Any]
) -> None:
    publish({}, **changed)
    with Hub(Connection(endpoint=host.url)) as hub, pytest.raises(FetchError):
        read_repo(hub, HubReference(repo=REPO))


@pytest.mark.loopback
def test_paths_that_lead_elsewhere_are_left_out(publish: Callable[..., None], host: Host) -> None:
    siblings = [{"rfilename": path, "size": 1} for path in ("../x.gguf", "/x.gguf", "a\\b.gguf", "a\nb.gguf", "m.gguf")]
    publish({}, siblings=[*siblings, "nothing", {"rfilename": 5, "size": 1}, {"rfilename": "y", "size": -1}])
    with Hub(Connection(endpoint=host.url)) as hub:
        assert list(read_repo(hub, HubReference(repo=REPO)).files) == ["m.gguf"]


@pytest.mark.loopback
def test_a_hub_that_does_not_answer_as_it_should(host: Host) -> None:
    where = f"/api/models/{REPO}/revision/main?blobs=true"
    with Hub(Connection(endpoint=host.url)) as hub:
        with pytest.raises(NotFoundError, match="no such repository or revision"):
            read_repo(hub, HubReference(repo=REPO))
        for data in (b"<html>", b"[1]", b"[" * 100_000):
            host.files[where] = data
            with pytest.raises(FetchError, match="cannot be used"):
                read_repo(hub, HubReference(repo=REPO))
        host.files[where] = b" " * ((16 << 20) + 1)
        with pytest.raises(FetchError, match="too long"):
            read_repo(hub, HubReference(repo=REPO))
    with Hub(Connection(endpoint="http://127.0.0.1:9")) as hub, pytest.raises(FetchError, match="cannot be reached"):
        read_repo(hub, HubReference(repo=REPO))
