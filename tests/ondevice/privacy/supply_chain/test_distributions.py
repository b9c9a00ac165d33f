"""What the SDK depends on is found by walking its requirements, with the extras that are installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from ondevice.privacy.supply_chain.distributions import BILL_WRITER, ROOT, find_dependencies
from tests.ondevice.privacy.supply_chain.conftest import Look, codes
from tests.ondevice.privacy.supply_chain.fake_site import install


def needed(site: Path) -> list[str]:
    return [one.name for one in find_dependencies([str(site)]).needed]


def test_the_requirements_requirements_and_their_extras_are_walked(site: Path) -> None:
    found = find_dependencies([str(site)])
    assert {one.name: one.needs for one in found.needed} == {
        "fastest": (),
        "near": ("nearer",),
        "nearer": ("fastest",),
        ROOT: ("near",),
    }
    assert (found.extras, found.unmet) == ((), ())


def test_an_extra_counts_where_all_that_it_asks_for_is_there(site: Path) -> None:
    install(site, "far")
    found = find_dependencies([str(site)])
    assert found.extras == ("more",)
    assert "far" in [one.name for one in found.needed]


def test_what_developers_alone_need_is_left_out(site: Path) -> None:
    install(site, ROOT, needs=["stranger; extra == 'dev'"], extras=["dev"])
    assert needed(site) == [ROOT]


def test_what_is_missing_or_too_old_is_found(look: Look, site: Path) -> None:
    shutil.rmtree(site / "fastest-1.0.dist-info")
    install(site, "near", "0.9", needs=["nearer[fast]==2.*"])
    shutil.rmtree(site / "near-1.0.dist-info")
    section = look()
    assert codes(section) == {"unmet-requirement": "low"}
    assert [finding.text.split(",")[0] for finding in section.findings] == [
        "nearer asks for fastest",
        f"{ROOT} asks for Near>=1",
    ]


def test_an_sdk_that_is_not_installed_is_told(look: Look, site: Path) -> None:
    shutil.rmtree(site)
    assert codes(look()) == {"not-installed": "note"}


def test_unusable_metadata_stops_nothing(site: Path) -> None:
    (site / "broken-1.0.dist-info").mkdir()
    (site / "empty-1.0.dist-info").mkdir()
    (site / "empty-1.0.dist-info" / "METADATA").touch()
    (site / "other-1.0.dist-info").mkdir()
    (site / "other-1.0.dist-info" / "METADATA").write_bytes(b"Name: \xff\n")
    install(site, "near", needs=["nearer[fast]==2.*", "??? not a requirement"])
    assert needed(site) == ["fastest", "near", "nearer", ROOT]


def test_of_two_of_a_name_the_one_with_a_record_counts(site: Path, tmp_path: Path) -> None:
    install(tmp_path / "sources", "near", "3.0", has_record=False)
    found = find_dependencies([str(tmp_path / "sources"), str(site)])
    assert [one.version for one in found.needed if one.name == "near"] == ["1.0"]


def test_it_is_said_whether_a_bill_of_materials_can_be_written(look: Look, site: Path) -> None:
    def said() -> object:
        return {fact.name: fact.value for fact in look().facts}["bill of materials"]

    assert "ondevice-sdk[audit]" in str(said())
    install(site, BILL_WRITER)
    assert said() == "can be written"


def test_this_environment_has_the_sdk_s_own_libraries() -> None:
    names = [one.name for one in find_dependencies().needed]
    assert {ROOT, "cryptography", "llama-cpp-python", "sqlcipher3", "packaging"} <= set(names)
    assert "pytest" not in names
