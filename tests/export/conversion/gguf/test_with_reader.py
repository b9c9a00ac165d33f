"""A model and its reader in one bundle: what stands in it, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from export.cli.export import app
from export.conversion.about import About
from export.conversion.gguf.with_reader import add_reader
from export.errors import ConversionError
from ondevice.bundle import AdapterSpec, Bundle, FileEntry, Manifest, SupportSpec, write_manifest
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.generation.llama.engine import Engine
from tests.tiny_generator import make_tiny_adapter, make_tiny_generator


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_tiny_generator(tmp_path_factory.mktemp("base") / "base")


def adapter_for(base: Bundle, folder: Path) -> Path:
    folder.mkdir()
    (folder / "adapter.gguf").write_bytes(make_tiny_adapter(seed=5))
    spec = AdapterSpec(bases=(base.files["model"].sha256,), architecture="llama", rank=4, alpha=8.0)
    files = {"model": FileEntry.measure(folder, "adapter.gguf")}
    manifest = Manifest(
        kind="adapter", name="reads", version="1", license="MIT", source="test", files=files, adapter=spec
    )
    write_manifest(folder, manifest)
    return folder


def test_the_bundle_reads_notes_and_is_otherwise_the_base(base: Bundle, tmp_path: Path) -> None:
    reader, out = adapter_for(base, tmp_path / "reader"), tmp_path / "out"
    manifest = add_reader(base.folder, reader, out, About(name="reads-too", version="2"))
    bundle = Bundle.open(out, kind="generator")
    assert bundle.manifest == manifest
    assert (manifest.name, manifest.version, manifest.license) == ("reads-too", "2", base.manifest.license)
    assert bundle.files["model"] == base.files["model"]
    with Engine.open(bundle) as engine:
        assert engine.reading_form == "numbered"
    with pytest.raises(ConversionError, match="there is something at 'out' already"):
        add_reader(base.folder, reader, out, About(name="again", version="1"))


def test_a_base_that_has_a_reader_or_a_file_of_that_name_is_read_all_the_same(tmp_path: Path) -> None:
    old = make_tiny_generator(tmp_path / "old", reader=make_tiny_adapter(seed=6))
    reader = adapter_for(old, tmp_path / "reader")
    add_reader(old.folder, reader, tmp_path / "new", About(name="new", version="1"))
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"model.gguf", "reader.gguf", "manifest.json"}
    assert (tmp_path / "new" / "reader.gguf").read_bytes() == make_tiny_adapter(seed=5)
    (old.folder / "model.gguf").rename(old.folder / "reader.gguf")
    files = {"model": FileEntry.measure(old.folder, "reader.gguf")}
    write_manifest(old.folder, replace(old.manifest, files=files))
    add_reader(old.folder, reader, tmp_path / "odd", About(name="odd", version="1"))
    assert Bundle.open(tmp_path / "odd", kind="generator").files["model"] == files["model"]


def test_a_reader_of_another_model_and_no_reader_at_all_are_refused(base: Bundle, tmp_path: Path) -> None:
    other = make_tiny_generator(tmp_path / "other", seed=3)
    with pytest.raises(ModelMismatchError):
        add_reader(
            other.folder, adapter_for(base, tmp_path / "reader"), tmp_path / "out", About(name="no", version="1")
        )
    with pytest.raises(BundleError):
        add_reader(base.folder, other.folder, tmp_path / "out", About(name="no", version="1"))
    assert not (tmp_path / "out").exists()


def test_the_command_names_what_it_made(base: Bundle, tmp_path: Path) -> None:
    reader = adapter_for(base, tmp_path / "reader")
    asked = ["add-reader", base.folder, "--reader", reader, "--out", tmp_path / "out", "--json"]
    result = CliRunner().invoke(app, [str(each) for each in asked])
    assert json.loads(result.stdout)["name"] == "out"
    bundle = Bundle.open(tmp_path / "out", kind="generator")
    assert bundle.manifest.name == "out"
    assert bundle.generator is not None
    assert bundle.generator.support is None


def test_how_far_its_answers_may_be_relied_on_stands_in_the_manifest(base: Bundle, tmp_path: Path) -> None:
    reader, numbers = adapter_for(base, tmp_path / "reader"), tmp_path / "support.json"
    numbers.write_text(json.dumps({"intercept": 1.5, "likelihood": 3.0, "overlap": 0.5, "least": 0.25}))
    asked = ["add-reader", base.folder, "--reader", reader, "--out", tmp_path / "out", "--support", numbers]
    result = CliRunner().invoke(app, [str(each) for each in asked])
    assert result.exit_code == 0, result.stderr
    bundle = Bundle.open(tmp_path / "out", kind="generator")
    with Engine.open(bundle) as engine:
        assert engine.support == SupportSpec(intercept=1.5, likelihood=3.0, overlap=0.5, least=0.25)
        engine.use(engine.load_adapter(make_tiny_adapter(seed=6)))
        assert engine.support is None, "it was measured of the reader, not of a user's own adapter"
