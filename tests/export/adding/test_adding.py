"""Models of the user's own, from a file, a folder and a hub: pinned, tried, and named last."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from export.adding.adding import AddOptions, add_model
from export.adding.references import HubReference
from export.errors import AddError, FetchError
from export.models import Connection, load_registry
from ondevice.bundle import Bundle
from ondevice.errors import BundleError, InputError, ModelMismatchError
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import Message
from tests.export.adding.conftest import COMMIT, REPO
from tests.tiny_generator import make_tiny_generator
from tests.tiny_gguf import chat_values, header, write
from tests.tiny_host import Host, sha256
from tests.tiny_models import make_tiny_encoder

REGISTRY = load_registry()
HUB = HubReference(repo=REPO)


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    made = make_tiny_generator(folder / "model").file("model")
    return Path(shutil.move(made, folder / "Tiny Chat.Q8_0.gguf"))


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """Return a folder as the hub has them: a graph, a tokenizer, and how its states are pooled."""
    folder = tmp_path / "found" / "tiny-words"
    make_tiny_encoder(folder)
    (folder / "manifest.json").unlink()
    modules = [{"type": "sentence_transformers.models.Transformer", "path": ""},
               {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 32, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "README.md").write_text("---\nlicense: cc0-1.0\n---\n")
    return folder


def left(models: Path) -> list[str]:
    """Return what an addition leaves beside the models, locks apart."""
    return [path.name for path in (models / ".fetching").iterdir() if path.suffix != ".lock"]


def test_a_file_answers_after_one_call(gguf: Path, tmp_path: Path) -> None:
    added = add_model(gguf, tmp_path, REGISTRY)
    assert added.bundle.license == "unknown"
    assert add_model(gguf, tmp_path, REGISTRY, options=AddOptions(license="MIT")).was_here
    bundle = Bundle.open(tmp_path / "tiny-chat.q8_0", kind="generator")
    assert (bundle.license, bundle.source, bundle.version) == ("MIT", "a file of the user's own", "1")
    assert bundle.files["model"].sha256 == sha256(gguf.read_bytes())
    assert added.n_parameters is not None
    with Engine.open(bundle) as engine:
        assert engine.generate(engine.render([Message(role="user", content="Hi")]), max_tokens=3).n_tokens == 3
    assert add_model(gguf, tmp_path, REGISTRY, options=AddOptions(name="tiny-chat.q8_0")).was_here
    assert left(tmp_path) == []
    other = write(tmp_path / "other", header(chat_values()), "tiny-chat.q8_0.gguf")
    with pytest.raises(InputError, match=r"another model 'tiny-chat\.q8_0' here"):
        add_model(other, tmp_path, REGISTRY)


def test_a_model_that_ends_the_process_is_refused_and_leaves_nothing(gguf: Path, tmp_path: Path) -> None:
    """llama.cpp aborts on a model without layers, in a process of its own."""
    data = bytearray(gguf.read_bytes())
    struct.pack_into("<I", data, data.find(b"llama.block_count") + len(b"llama.block_count") + 4, 0)
    with pytest.raises(BundleError, match=r"a llama model that does not run here: .* crashed the process"):
        add_model(write(tmp_path, bytes(data), "bad.gguf"), tmp_path / "models", REGISTRY)
    assert left(tmp_path / "models") == []
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".fetching"]


def test_an_encoder_comes_with_its_pooling(encoder: Path, tmp_path: Path) -> None:
    added = add_model(encoder, tmp_path / "models", REGISTRY)
    assert added.bundle.encoder is not None
    assert (added.bundle.encoder.pooling, added.bundle.encoder.dim, added.bundle.license) == ("cls", 32, "cc0-1.0")


def test_a_graph_that_pools_by_itself_is_found_out(encoder: Path, tmp_path: Path) -> None:
    shutil.copy(make_tiny_encoder(tmp_path / "pools", pooling="none").file("model"), encoder / "model.onnx")
    added = add_model(encoder, tmp_path / "models", REGISTRY)
    assert added.bundle.encoder is not None
    assert added.bundle.encoder.pooling == "none"
    with pytest.raises(ModelMismatchError, match="does not fit"):
        add_model(encoder, tmp_path / "models", REGISTRY, options=AddOptions(name="said", pooling="mean"))


def test_an_encoder_of_which_nothing_says_how_it_pools_is_refused(encoder: Path, tmp_path: Path) -> None:
    (encoder / "modules.json").unlink()
    with pytest.raises(AddError, match=r"no modules\.json .*--pooling mean, cls or none"):
        add_model(encoder, tmp_path, REGISTRY)
    with pytest.raises(AddError, match="how many numbers"):
        add_model(encoder, tmp_path, REGISTRY, options=AddOptions(pooling="mean"))
    (encoder / "tokenizer.json").unlink()
    with pytest.raises(AddError, match=r"no tokenizer\.json"):
        add_model(encoder, tmp_path, REGISTRY)
    (encoder / "model.onnx_data").touch()
    with pytest.raises(AddError, match="in a second file"):
        add_model(encoder, tmp_path, REGISTRY)


def test_what_is_no_model_is_refused(gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").touch()
    two = tmp_path / "two"
    for name in ("a.gguf", "b.gguf"):
        write(two, b"", name)
    for path, why in (
        (tmp_path / "empty", "no model in 'empty'"),
        (tmp_path / "text.txt", "neither a GGUF file nor"),
        (two, r"2 models in 'two' \(name one file: a.gguf, b.gguf"),
    ):
        with pytest.raises(AddError, match=why):
            add_model(path, tmp_path / "models", REGISTRY)
    bundle = make_tiny_generator(tmp_path / "bundle").folder
    with pytest.raises(AddError, match="ondevice bundle install"):
        add_model(bundle, tmp_path / "models", REGISTRY)
    with pytest.raises(InputError, match="a model of the registry"):
        add_model(gguf, tmp_path / "models", REGISTRY, options=AddOptions(name=REGISTRY.defaults[0]))
    with pytest.raises(InputError, match="a model's name is"):
        add_model(gguf, tmp_path / "models", REGISTRY, options=AddOptions(name="../x"))
    assert not (tmp_path / "models").exists()


@pytest.mark.loopback
def test_a_broken_download_goes_on_and_is_pinned_at_the_commit(
    gguf: Path, tmp_path: Path, host: Host, publish: Callable[..., None]
) -> None:
    data = gguf.read_bytes()
    publish({"Tiny-Q4_K_M.gguf": data, "README.md": b"-"})
    once = AddOptions(connection=Connection(endpoint=host.url, attempts=1))
    host.cut_after = [40_000]
    with pytest.raises(FetchError, match=r"40000 of .*goes on where it stopped"):
        add_model(HUB, tmp_path, REGISTRY, options=once)
    told: list[tuple[int, int]] = []
    notes: list[str] = []
    added = add_model(
        HUB,
        tmp_path,
        REGISTRY,
        options=once,
        on_progress=lambda done, total: told.append((done, total)),
        on_note=notes.append,
    )
    wanted = [wanted for path, wanted in host.asked if path.endswith(".gguf")]
    assert wanted == [None, "bytes=40000-"]
    assert (added.bundle.name, added.bundle.version, added.bundle.license) == ("tiny-q4_k_m", "1", "mit")
    assert added.bundle.source == f"hf:{REPO}/Tiny-Q4_K_M.gguf@{COMMIT}"
    assert added.bundle.files["model"].sha256 == sha256(data)
    assert told[-1] == (len(data), len(data))
    assert COMMIT[:12] in notes[0]
    assert left(tmp_path) == []
    host.asked.clear()
    assert add_model(HUB, tmp_path, REGISTRY, options=once).was_here
    assert len(host.asked) == 1
    publish({"Tiny-Q4_K_M.gguf": data}, sha="d" * 40)
    with pytest.raises(InputError, match="another model 'tiny-q4_k_m' here"):
        add_model(HUB, tmp_path, REGISTRY, options=once)


@pytest.mark.loopback
def test_bytes_that_are_not_those_that_the_hub_named_are_refused(
    tmp_path: Path, host: Host, publish: Callable[..., None]
) -> None:
    publish({"m.gguf": header(chat_values())})
    host.files[f"/{REPO}/resolve/{COMMIT}/m.gguf"] = header(chat_values(general__name="Tiny Chut"))
    with pytest.raises(FetchError, match="is pinned; it was removed"):
        add_model(HUB, tmp_path, REGISTRY, options=AddOptions(connection=Connection(endpoint=host.url)))


@pytest.mark.loopback
def test_a_model_that_cannot_chat_is_refused_before_all_of_it_has_come(
    tmp_path: Path, host: Host, publish: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("export.adding.bringing._LOOK_AFTER_BYTES", 2048)
    publish({"m.gguf": header(chat_values(tokenizer__chat_template=None)) + bytes(20 << 20)})
    with pytest.raises(AddError, match="no chat template"):
        add_model(HUB, tmp_path, REGISTRY, options=AddOptions(connection=Connection(endpoint=host.url)))
    assert not list((tmp_path / ".fetching").glob("hub-*/*.gguf"))


@pytest.mark.loopback
def test_an_encoder_comes_from_the_hub_with_what_lies_beside_it(
    encoder: Path, tmp_path: Path, host: Host, publish: Callable[..., None]
) -> None:
    files = {path.relative_to(encoder).as_posix(): path.read_bytes() for path in encoder.rglob("*") if path.is_file()}
    files["onnx/model.onnx"] = files.pop("model.onnx")
    publish({**files, "pytorch_model.bin": b"never asked for"}, license=None)
    added = add_model(HUB, tmp_path, REGISTRY, options=AddOptions(connection=Connection(endpoint=host.url)))
    assert added.bundle.encoder is not None
    assert (added.bundle.name, added.bundle.encoder.pooling, added.bundle.license) == ("model", "cls", "cc0-1.0")
    assert not any(path.endswith(".bin") for path, _ in host.asked)
