"""What the documents say is so: code runs, links lead somewhere, tables list what exists."""

from __future__ import annotations

import getpass
import re
from pathlib import Path

import pytest

from benchmarks.study import RESULTS, read_study
from ondevice import KdfConfig, Personalizer
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder
from tests.tiny_selector import make_tiny_selector

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """Return the heading anchors a Markdown page has."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_readme_code_runs(
    tmp_path: Path, default_models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(getpass, "getpass", lambda *_: "correct horse battery staple")
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 2
    scope: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), scope)
    assert "Lyon" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("page", "n_blocks", "says"), [("adapting.md", 2, "This user's email subjects"), ("refining.md", 1, "pairs asked")]
)
def test_learning_code_runs(
    page: str,
    n_blocks: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The page's blocks, one after the other, with tiny models in the default ones' places."""
    models, secret = tmp_path / "models", "correct horse battery staple"
    make_tiny_encoder(models / "minilm-l6-int8")
    make_tiny_generator(models / "smollm2-135m-instruct")
    monkeypatch.setenv("ONDEVICE_MODELS", str(models))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(getpass, "getpass", lambda *_: secret)
    cheap = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)
    with Personalizer.create("me.profile", passphrase=secret, kdf=cheap) as me:
        for number in range(24):
            me.add(f"mail {number} is about rain", kind="email", fields={"title": f"Rain {number}"})
    scope: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= n_blocks
    for block in blocks:
        exec(compile(block, page, "exec"), scope)
    assert says in capsys.readouterr().out


def test_filters_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(getpass, "getpass", lambda *_: "correct horse battery staple")
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "filters.md").read_text("utf-8"), re.DOTALL)
    exec(compile(block, "filters.md", "exec"), {})
    assert capsys.readouterr().out == "1 ['home', 'lyon']\n"


def test_retrievers_code_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's blocks, one after the other, with a trained encoder and a selector made on the spot."""
    models, secret = tmp_path / "models", "correct horse battery staple"
    base = make_tiny_encoder(models / "minilm-l6-int8")
    make_tiny_generator(models / "smollm2-135m-instruct")
    make_tiny_encoder(models / "ropg-kd", name="ropg-kd", dim=16, seed=11)
    make_tiny_encoder(models / "ropg-rl", name="ropg-rl", seed=13, passages=base.id)
    pool = ("none", "recency", "bm25", "dense", "ropg-kd", "ropg-rl")
    make_tiny_selector(models / "rspg", name="rspg", pool=pool, max_tokens=256)
    monkeypatch.setenv("ONDEVICE_MODELS", str(models))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(getpass, "getpass", lambda *_: secret)
    cheap = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)
    with Personalizer.create("me.profile", passphrase=secret, kdf=cheap) as me:
        me.add("The landlord of the flat in Rome wrote about the garden.")
    scope: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "retrievers.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        exec(compile(block, "retrievers.md", "exec"), scope)
    said = capsys.readouterr().out
    assert "Lyon" in said
    assert "took" in said


def test_readme_figures_are_the_measured_ones() -> None:
    """Every row of README's speed table stands in benchmarks/results with the same rounded median."""
    table = README.split("## How fast", 1)[1].split("\n## ", 1)[0]
    quoted = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([\d.,]+) (\S+) \|", table, re.MULTILINE)
    assert len(quoted) >= 5
    measured = {}
    for file in RESULTS.glob("*.json"):
        for row in read_study(file).get("rows", ()):  # faults.json counts, and has none
            measured[(row["case"], row["condition"])] = (f"{row['median']:.3g}", row["unit"])
    for case, condition, value, unit in quoted:
        assert measured[(case, condition)] == (value, unit), (case, condition)


def test_changelog_names_the_version() -> None:
    from ondevice import __version__

    assert re.search(rf"^## {re.escape(__version__)} ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
