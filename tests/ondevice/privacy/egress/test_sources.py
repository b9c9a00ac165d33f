"""The package's own source imports nothing of the network, and whatever does is found."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import ondevice
from ondevice.privacy.egress.networks import MODULES, network_module
from ondevice.privacy.egress.sources import read_sources


def read(folder: Path, text: str) -> tuple[tuple[str, str], ...]:
    package = folder / "some"
    (package / "inner").mkdir(parents=True)
    (package / "inner" / "module.py").write_text(text, encoding="utf-8")
    return read_sources(package).imports


def test_this_package_imports_nothing_of_the_network() -> None:
    sources = read_sources(Path(ondevice.__file__).parent)
    assert sources.n_read > 300
    assert (sources.n_unread, sources.imports) == (0, ())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import socket", "socket"),
        ("import os, urllib.request as it", "urllib.request"),
        ("from http import client", "http.client"),
        ("def later():\n    from requests.sessions import Session", "requests"),
        ("__import__('ssl')", "ssl"),
        ("import importlib\nimportlib.import_module('httpx._client')", "httpx"),
        ("import \N{LATIN SMALL LETTER LONG S}ocket", "socket"),
    ],
)
def test_an_import_is_found_however_it_is_written(tmp_path: Path, text: str, name: str) -> None:
    assert read(tmp_path, text) == (("some.inner.module", name),)


@pytest.mark.parametrize("text", ["from . import socket", "import urllib.parse, http", "socket = 'import socket'"])
def test_what_is_not_of_the_network_is_left_alone(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == ()


def test_a_module_that_cannot_be_read_is_counted(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import socket (")
    assert (read_sources(tmp_path).n_read, read_sources(tmp_path).n_unread) == (0, 1)


def test_the_list_agrees_with_what_the_contract_forbids() -> None:
    root = Path(__file__).parents[4]
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (forbidden,) = [each["forbidden_modules"] for each in contracts if "road to the network" in each["name"]]
    # Parts of these look nothing up: parsing an address, or a cookie.
    partly = {"http", "urllib", "cgi", "antigravity", "ensurepip", "fsspec"}
    assert {name for name in forbidden if network_module(name) is None} == partly
    assert {name.partition(".")[0] for name in MODULES} <= {*forbidden}
