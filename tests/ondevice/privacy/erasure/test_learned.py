"""A drill on a profile that has learned: what was learned of forgotten items goes, whatever its owner wanted noted."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice import EngineConfig, Filter, ModelSet, Personalizer
from ondevice.privacy import erasure
from ondevice.privacy.erasure.drill import forget_in
from ondevice.privacy.subject import Copy
from ondevice.vault.derived import DerivedStore
from tests.ondevice.privacy.erasure.conftest import KEY, MARKER, audited
from tests.tiny_adapters import keep_adapter


@pytest.fixture
def models(app_models: Path) -> ModelSet:
    engine = EngineConfig(threads=1)
    return ModelSet(app_models, encoder="tiny-encoder", generator="tiny-generator", engine=engine)


@pytest.fixture(params=["drop", "mark"])
def profile(tmp_path: Path, models: ModelSet, request: pytest.FixtureRequest) -> Path:
    """Return a profile with an adapter, and a summary beside it."""
    with Personalizer.create(tmp_path / "p", app_key=KEY, models=models) as me:
        for number in range(12):
            me.add(f"{MARKER} {number} was grey in the end", kind="diary", metadata={"client": MARKER})
        learned_of = [item.id for item in me.items.list()]
        for_client = Filter(metadata={"client": MARKER})
        keep_adapter(me, "style", learned_of, filter=for_client, on_forget=request.param)
        me.adapters.use("style")
        me.summaries.make()
        me.search("grey")
    return tmp_path / "p"


def test_an_adapter_and_a_summary_go_with_their_items(profile: Path, models: ModelSet) -> None:
    section = audited(profile, erasure.check, models=models)
    assert MARKER not in repr(section)
    assert section.findings == ()
    told = {fact.name: fact.value for fact in section.facts}
    assert told["learned things that had to go with them"] == 3
    assert told["sealed files looked into"] == 3


def test_an_adapter_that_stays_is_found(profile: Path, models: ModelSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ondevice.vault.erasure.artifacts_of_rows", lambda *_: [])
    monkeypatch.setattr(DerivedStore, "clear_loose", lambda _: 0)
    drill = forget_in(Copy(profile, KEY), models)
    assert drill.state.blobs.n_loose >= 3
