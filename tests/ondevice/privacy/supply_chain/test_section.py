"""The check as a whole: what it says of itself, and that nothing of the user's is in it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.subject import subject_of
from ondevice.privacy.supply_chain import check, sbom
from ondevice.privacy.supply_chain.interpreter import support_ends
from tests.ondevice.bundle.signed import OURS, make_bundle
from tests.ondevice.privacy.sections import sections_of
from tests.ondevice.privacy.supply_chain.conftest import KEY, MARKER, Look, codes
from tests.ondevice.privacy.supply_chain.fake_site import install


def test_nothing_of_the_user_s_is_in_what_it_says(look: Look, models: Path, site: Path, tmp_path: Path) -> None:
    make_bundle(models / MARKER.upper(), publisher=OURS)
    (models / MARKER.upper() / "model.gguf").write_bytes(b"changed")
    (models / "tiny" / f"{MARKER}.txt").write_text(MARKER)
    (site / "near" / f"{MARKER}.py").write_text(MARKER)
    (site / f"{MARKER}.pth").write_text(f"import {MARKER}")
    install(site, "stranger-too", origin={"url": f"file:///home/{MARKER}", "dir_info": {"editable": True}})
    install(site, "near", needs=["stranger-too"], files={f"/{tmp_path}/{MARKER}/near.py".replace("//", "/"): b""})
    (tmp_path / MARKER / "near.py").write_text(MARKER)
    section = look()
    assert {"model-changed", "model-renamed", "unlisted-model-files", "package-changed", "editable"} <= codes(
        section
    ).keys()
    assert MARKER not in repr(section).lower()
    assert str(tmp_path) not in repr(section)
    model_set = ModelSet(models, encoder=None, generator="tiny")
    assert MARKER not in sbom(model_set, path=[str(site)]).lower()


def test_the_profile_is_not_even_opened(profile: Path, models: Path, site: Path) -> None:
    with subject_of(profile, KEY, ModelSet(models, encoder=None, generator="tiny")) as subject:
        subject.profile = Path("/nowhere")
        assert check(subject, path=[str(site)]).was_run


def test_the_audit_runs_it_on_this_environment(profile: Path, models: Path, tmp_path: Path) -> None:
    (tmp_path / "advisory.json").write_text('{"id": "PYSEC-2026-1"}')
    model_set = ModelSet(models, encoder=None, generator="tiny", publishers=[OURS.key])
    sections = sections_of(
        profile, KEY, models=model_set, checks=["supply-chain"], advisories=tmp_path / "advisory.json"
    )
    (section,) = (section for section in sections if section.was_run)
    facts = {fact.name: fact.value for fact in section.facts}
    assert (facts["models in use"], facts["advisories read"]) == (1, 1)
    assert int(facts["package files compared"] or 0) > 1000
    assert int(facts["libraries of machine code"] or 0) > 10


def test_progress_ends_where_it_said_it_would(profile: Path, models: Path, site: Path) -> None:
    told: list[tuple[int, int]] = []
    model_set = ModelSet(models, encoder=None, generator="tiny")
    with subject_of(profile, KEY, model_set, on_progress=lambda done, total: told.append((done, total))) as subject:
        check(subject, path=[str(site)])
    assert told == [(number, 5) for number in range(1, 6)]


def test_limits_are_said(look: Look) -> None:
    assert len(look().not_tested) > 5


def test_a_python_that_nobody_mends_any_more_is_told(profile: Path, models: Path, site: Path) -> None:
    assert (support_ends(11), support_ends(13)) == (date(2027, 10, 1), date(2029, 10, 1))
    with subject_of(profile, KEY, ModelSet(models, encoder=None, generator="tiny")) as subject:
        late = check(subject, path=[str(site)], today=support_ends(sys.version_info.minor))
    assert codes(late)["python-ended"] == "low"


def test_a_models_folder_that_cannot_be_read_does_not_pass(profile: Path, site: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, found in (("none", {"model-missing"}), ("loop", {"model-missing", "models-unreadable"})):
        model_set = ModelSet(tmp_path / name, encoder=None, generator="tiny")
        with subject_of(profile, KEY, model_set) as subject:
            section = check(subject, path=[str(site)], today=date(2026, 1, 1))
        assert set(codes(section)) == found
        assert section.verdict == "noted"
