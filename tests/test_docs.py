"""What the documents say is so: links lead somewhere, code runs, tables and messages are those of the code."""

from __future__ import annotations

import ast
import getpass
import re
from pathlib import Path

import pytest

from benchmarks.study import RESULTS, read_study
from export.models.registry import load_registry
from ondevice import KdfConfig, Personalizer
from ondevice.cli.note_figures import DEFAULT, DEFAULT_READER, FIGURES, HALF, ONE_AND_HALF
from tests.markdown_pages import ROOT, anchors, blocks, links, name_of, pages, prose
from tests.tiny_generator import make_tiny_generator
from tests.tiny_host import TOKENIZER, WEIGHTS
from tests.tiny_models import make_tiny_encoder
from tests.tiny_persona import make_tiny_persona
from tests.tiny_selector import make_tiny_selector

PAGES = pages()
README = (ROOT / "README.md").read_text("utf-8")
NOT_WRAPPED = {"docs/reference/cli.md", "docs/explanation/architecture.md"}
SECRET = "correct horse battery staple"

WITH_CODE = [
    page
    for page in PAGES
    if (name_of(page) == "README.md" or name_of(page).startswith("docs/"))
    and any(block.info == "python" for block in blocks(page))
]
WITH_DEFAULT_MODELS = {"README.md", "docs/tutorial/first-answer.md"}
"""The pages whose answers are shown; the others run with tiny models in the default ones' places."""
SAYS = {
    "README.md": ["Lyon"],
    "docs/tutorial/first-answer.md": ["Mrs. Moreau", "True"],
    "docs/tutorial/teach-the-model.md": ["[]"],
    "docs/how-to/adapters.md": ["LoraRecipe"],
    "docs/how-to/ask.md": ["Your boiler", "day"],
    "docs/how-to/embed.md": ["100 of 100", "100 added", "The passphrase is wrong", "[]"],
    "docs/how-to/forget.md": ["True 1", "True True"],
    "docs/how-to/import.md": ["1 added, 0 known already"],
    "docs/how-to/keys-and-backups.md": ["['passphrase', 'recovery']"],
    "docs/how-to/personas.md": ["True", "%"],
    "docs/how-to/retrievers.md": ["Lyon", "took"],
    "docs/how-to/see-what-is-held.md": ["25 items; 0 learned things"],
    "docs/reference/filters.md": ["1 ['home', 'lyon']"],
    "docs/how-to/summaries.md": ["This user's email subjects"],
    "docs/reference/structured-answers.md": ["in the year"],
}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in links(page):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_that_is_not_run_is_justified(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python" and block.info != "python":
            assert block.info == "python {.no-run}", f"line {block.line}: {block.info}"
            assert block.follows.startswith("<!-- not run: "), f"line {block.line} does not say why"


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_code_runs(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    """A page's blocks, one after the other, as its reader types them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(getpass, "getpass", lambda *_: SECRET)
    if name_of(page) in WITH_DEFAULT_MODELS:
        request.getfixturevalue("default_models")
    else:
        monkeypatch.setenv("ONDEVICE_MODELS", str(tmp_path / "tiny"))
        make_tiny_models(tmp_path / "tiny")
        make_profile_of_mails(tmp_path / "me.profile")
        make_files_of_an_encoder(tmp_path / "models" / "my-encoder")
    scope: dict[str, object] = {"__name__": "page"}
    for block in blocks(page):
        if block.info == "python":
            # Behind as many empty lines as the page has before it, so that an error names the page's own line; and
            # without what this module says about annotations.
            exec(compile("\n" * block.line + block.text, name_of(page), "exec", dont_inherit=True), scope)
    said = capsys.readouterr().out
    for words in SAYS.get(name_of(page), []):
        assert words in said


def make_tiny_models(models: Path) -> None:
    """Make every model that a page names, where the SDK looks for them."""
    base = make_tiny_encoder(models / "bge-small-en-int8")
    generator = make_tiny_generator(models / "smollm2-135m-instruct")
    bases = [generator.files["model"].sha256]
    make_tiny_persona(models / "my-persona", name="my-persona", encoder=base.id, bases=bases, tasks=["LaMP_6"])
    make_tiny_encoder(models / "ropg-kd", name="ropg-kd", dim=16, seed=11)
    make_tiny_encoder(models / "ropg-rl", name="ropg-rl", seed=13, passages=base.id)
    pool = ("none", "recency", "bm25", "dense", "ropg-kd", "ropg-rl")
    make_tiny_selector(models / "rspg", name="rspg", pool=pool, max_tokens=256)


def make_files_of_an_encoder(folder: Path) -> None:
    """Make what a page turns into a bundle."""
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(WEIGHTS)
    (folder / "tokenizer.json").write_bytes(TOKENIZER)


def make_profile_of_mails(path: Path) -> None:
    """Make the profile that pages open: enough mails to learn from."""
    cheap = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)
    with Personalizer.create(path, passphrase=SECRET, kdf=cheap) as me:
        for number in range(24):
            me.add(f"mail {number} is about rain", kind="email", fields={"title": f"Rain {number}"})


NOTES_FIGURES = {
    "right, of": "right",
    "refused, though": "refused wrongly",
    "refused, of .* that no note answers": "refused rightly",
    "refused, of .* whose note was forgotten": "refused after forgetting",
    "cites all": "citation right",
}


def test_every_expectation_belongs_to_a_page() -> None:
    assert set(SAYS) <= {name_of(page) for page in WITH_CODE}


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "reference" / "speed.md"], ids=name_of)
def test_quoted_figures_are_the_measured_ones(page: Path) -> None:
    """Every row of the speed tables stands in benchmarks/results with the same rounded median."""
    quoted = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([\d.,]+) (\S+) \|", page.read_text("utf-8"), re.MULTILINE)
    assert len(quoted) >= 5
    measured = {}
    for file in RESULTS.glob("*.json"):
        for row in read_study(file).get("rows", ()):  # faults.json counts, and has none
            measured[(row["case"], row["condition"])] = (f"{row['median']:.3g}", row["unit"])
    for case, condition, value, unit in quoted:
        assert measured[(case, condition)] == (value, unit), (case, condition)


MODELS_ON_NOTES = {
    "smollm2-135m-plain": (DEFAULT, None),
    "smollm2-135m-with-reader": (DEFAULT, DEFAULT_READER),
    "qwen2.5-coder-0.5b": (HALF, None),
    "qwen2.5-coder-1.5b": (ONE_AND_HALF, None),
}
"""The columns of the table of answers from notes, and by what bytes the figures are looked up."""
CELL = r"\|([^|]+)"


def test_the_doctor_s_figures_of_models_are_the_measured_ones() -> None:
    assert set(FIGURES) == set(MODELS_ON_NOTES.values())
    for name, key in MODELS_ON_NOTES.items():
        figures = read_study(RESULTS / "notes" / name / "notes.json")["rows"][0]["figures"]
        measured = [round(figures[figure]["value"], 2) for figure in ("right", "refused rightly")]
        assert [FIGURES[key].right, FIGURES[key].refused] == measured, name
    pinned = [file.sha256 for file in load_registry().models["smollm2-135m-instruct"].files]
    assert pinned == [DEFAULT, DEFAULT_READER], "measure the new one"


def test_what_the_reader_is_worth_is_as_measured() -> None:
    """Every row of the table of answers from notes says what the kept reports say."""
    page = (ROOT / "docs" / "reference" / "models.md").read_text("utf-8")
    kept = [read_study(RESULTS / "notes" / name / "notes.json")["rows"][0] for name in MODELS_ON_NOTES]
    assert {row["condition"] for row in kept} == {"retrieval"}
    for said, name in NOTES_FIGURES.items():
        (row,) = re.findall(rf"^\| {said}[^|]*{CELL * len(kept)}\|$", page, re.MULTILINE)
        for cell, found in zip(row, kept, strict=True):
            figure = found["figures"].get(name)
            wanted = [] if figure is None else [f"{100 * figure[part]:.0f}" for part in ("value", "low", "high")]
            assert re.findall(r"\d+", cell) == (wanted if len(set(wanted)) > 1 else wanted[:1]), (said, cell)


def test_changelog_names_the_version() -> None:
    from ondevice import __version__

    assert re.search(rf"^## {re.escape(__version__)} ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_troubleshooting_quotes_what_the_code_says() -> None:
    page = ROOT / "docs" / "how-to" / "troubleshooting.md"
    said = sentences()
    quoted = [block.text.strip() for block in blocks(page) if block.info == "text"]
    assert len(quoted) > 20
    for message in quoted:
        kind, _, words = message.partition(": ")
        assert kind in ("error", "ImportError"), message
        parts = [part.strip() for part in words.replace("'…'", "…").split("…") if part.strip(" .,()")]
        assert any(all(part in sentence for part in parts) for sentence in said), message


def sentences() -> set[str]:
    """Return every text of the code; what is put into one while it runs is left out of it."""
    found = set()
    for package in ("ondevice", "ondevice_integrations", "export"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    found.add("".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


def test_pages_that_the_code_names_are_there() -> None:
    files = [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "CHANGELOG.md"]
    for package in ("ondevice", "ondevice_integrations", "export", "tests", "benchmarks", "examples"):
        files += sorted((ROOT / package).rglob("*.py"))
    named = {(page, name_of(file)) for file in files for page in re.findall(r"\bdocs/[\w/-]+\.md", file.read_text())}
    assert named
    assert [(page, file) for page, file in sorted(named) if not (ROOT / page).exists()] == []


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in PAGES
        if name_of(page).startswith(("docs/", "README", "CONTRIBUTING")) and name_of(page) not in NOT_WRAPPED
    ],
    ids=name_of,
)
def test_lines_of_prose_fit(page: Path) -> None:
    too_long = [line for line in prose(page).splitlines() if len(line) > 120 and not line.startswith(("|", "    "))]
    assert too_long == []


def test_contributing_names_every_room() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Where does my change go?", 1)[1]
    rooms = {path.parent.name for path in (ROOT / "ondevice").glob("*/__init__.py")}
    assert {room for room in rooms if f"| `ondevice/{room}/` |" not in table} == set()
    named = set(re.findall(r"^\| `ondevice/(\w+)/` \|", table, re.MULTILINE))
    assert named == rooms
