"""Encoders and profiles in a process that is forked: refused, let go without waiting, and unharmed in the first one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.bundle import Bundle
from tests import forked_scenes
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

SETTING = """
from ondevice import ModelSet, Personalizer
from ondevice.bundle import Bundle
from ondevice.retrieval.encoding.encoder import Encoder

models = Path(sys.argv[1])
texts = ["a b c"] * 16

def encoder():
    return Encoder.open(Bundle.open(models / "tiny-encoder", kind="encoder"), threads=3)

def profile(name):
    return Personalizer.open(
        models / name, app_key=bytes(32), models=ModelSet(models, encoder="tiny-encoder", generator="tiny-generator")
    )
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_encoder(folder / "tiny-encoder")
    make_tiny_generator(folder / "tiny-generator")
    assert Bundle.open(folder / "tiny-encoder", kind="encoder").name
    return folder


def play(scene: str, models: Path) -> list[str]:
    return forked_scenes.play(SETTING + scene, models)


def test_an_encoder_works_in_the_process_that_loaded_it(models: Path) -> None:
    scene = """
loaded = encoder()
before = loaded.encode_passages(texts)
in_a_fork(lambda: loaded.encode_passages(texts))
in_a_fork(lambda: (encoder().encode_passages(texts) == before).all(), exits=True)
print((loaded.encode_passages(texts) == before).all())
"""
    refused = "child: BundleError: the model was loaded before this process was forked (load it after the fork)"
    assert play(scene, models) == [refused, "child: True", "True"]


@pytest.mark.parametrize("end", ["loaded.close", "lambda: None", "lambda: globals().pop('loaded').id[:4]"])
def test_its_threads_are_not_waited_for_where_they_are_not(models: Path, end: str) -> None:
    scene = f"""
loaded = encoder()
loaded.encode_passages(texts)
in_a_fork({end}, exits=True)
print(loaded.encode_passages(texts).shape[0])
loaded.close()
"""
    assert play(scene, models)[1:] == ["16"]


def test_a_profile_is_refused_and_closed_where_it_was_not_opened(models: Path) -> None:
    scene = """
me = profile("one.profile")
me.add("the cat sat here")
before = me.generate("where is the cat", max_tokens=4).text
in_a_fork(lambda: me.generate("where is the cat", max_tokens=4))
in_a_fork(lambda: me.search("cat", retriever="dense"))
in_a_fork(lambda: me.add("never"))
in_a_fork(me.close, exits=True)
in_a_fork(lambda: None, exits=True)
def other():
    with profile("other.profile") as mine:
        mine.add("the cat sat here")
        return mine.generate("where is the cat", max_tokens=4).text == before
in_a_fork(other, exits=True)
print(len(me.search("cat")), me.generate("where is the cat", max_tokens=4).text == before)
me.close()
with profile("one.profile") as again:
    print(len(again.search("cat")))
"""
    told = play(scene, models)
    for line in told[:3]:
        assert line.startswith(("child: ProfileBusyError", "child: GenerationError"))
        assert "before this process was forked" in line
    assert told[3:] == ["child: None", "child: None", "child: True", "1 True", "1"]


def test_an_origin_is_the_process_it_was_made_in(models: Path) -> None:
    scene = """
from ondevice.safety.forks import Origin
origin = Origin()
in_a_fork(lambda: origin.is_here)
print(origin.is_here)
"""
    assert play(scene, models) == ["child: False", "True"]
