"""The site that `make docs` builds: whole, for reading without a network, with every public name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import ondevice
from ondevice import errors
from tests.markdown_pages import ROOT

LOADS = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}
"""The elements whose attribute a browser fetches by itself."""


class Page(HTMLParser):
    """What a page loads, and which of its elements can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.classes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        self.classes |= set((given.get("class") or "").split())
        if tag == "link" and given.get("rel") in ("canonical", "prev", "next", "search"):
            return
        if tag in LOADS and given.get(LOADS[tag]):
            self.loaded.append(str(given[LOADS[tag]]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does; what is wrong with a page or a link ends it."""
    folder = tmp_path_factory.mktemp("site")
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture(scope="module")
def built(site: Path) -> dict[str, Page]:
    """Return the site's pages by their path."""
    return {path.relative_to(site).as_posix(): Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def test_no_page_loads_anything_from_another_host(built: dict[str, Page]) -> None:
    assert len(built) > 30
    elsewhere = [(path, url) for path, page in built.items() for url in page.loaded if urlsplit(url).netloc]
    assert elsewhere == []
    # The theme's script would fetch the program that draws these.
    assert [path for path, page in built.items() if "mermaid" in page.classes] == []


def test_no_style_loads_anything_from_another_host(site: Path) -> None:
    styles = sorted(site.rglob("*.css"))
    assert styles
    for style in styles:
        text = re.sub(r"""url\((["']?)data:.*?\1\)""", "", style.read_text("utf-8"), flags=re.DOTALL)
        assert [each for each in re.findall(r"@import[^;]+|url\([^)]*\)", text) if "//" in each] == []


def test_every_loaded_file_is_there(site: Path, built: dict[str, Page]) -> None:
    for path, page in built.items():
        if path == "404.html":  # for a server, which may show it in place of any page
            continue
        folder = (site / path).parent
        lost = [
            url for url in page.loaded if not url.startswith("data:") and not (folder / urlsplit(url).path).exists()
        ]
        assert lost == [], path


def test_every_public_name_is_in_the_reference(built: dict[str, Page]) -> None:
    told = {each for path, page in built.items() if path.startswith("reference/python/") for each in page.ids}
    named = [f"ondevice.{name}" for name in ondevice.__all__ if name != "__version__" and name not in vars(errors)]
    named += [f"ondevice.errors.{name}" for name in vars(errors) if name.endswith("Error")]
    assert [name for name in named if name not in told] == []


def test_no_markup_of_another_generator_is_left(site: Path) -> None:
    """Docstrings name things in Sphinx's way too, which this site turns into code."""
    for path in sorted((site / "reference" / "python").glob("*.html")):
        assert re.findall(r":(?:meth|class|func|data|attr|mod):|<p>::", path.read_text("utf-8")) == [], path.name
