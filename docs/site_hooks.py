"""What the site needs beyond docs/: the files that pages link to outside of it, and links that fit both places.

A page is read in the repository too, where ``../../benchmarks/results/search.md`` is right. In the site docs/ is the
root, and what lies beside it keeps its path: the same link becomes ``../benchmarks/results/search.md``.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "benchmarks/results/**/*", "examples/*.py")
LINK = re.compile(r"(\]\()([^)\s#:]+)((?:#[^)\s]*)?\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Bring in what lies beside docs/."""
    for pattern in BESIDE:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                uri = path.relative_to(ROOT).as_posix()
                files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links lead to where the site has their files, and keep measurements out of the search."""
    uri = page.file.src_uri
    is_beside = page.file.generated_by is not None
    if is_beside:
        page.meta["search"] = {"exclude": True}
    here = posixpath.dirname(uri if is_beside else f"docs/{uri}")

    def moved(match: re.Match[str]) -> str:
        before, target, after = match.groups()
        there = posixpath.normpath(posixpath.join(here, target)).removeprefix("docs/")
        return before + posixpath.relpath(there, posixpath.dirname(uri) or ".") + after

    return LINK.sub(moved, markdown)
