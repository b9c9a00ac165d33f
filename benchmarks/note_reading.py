"""How well models answer from notes: every report of ``ondevice eval notes`` that the documentation quotes, anew.

    python -m benchmarks.note_reading MODELS [--locomo FILE] [--work DIR] [--only NAME ...]

Asks what :data:`REPORTS` lists of the models that lie in MODELS, keeps each report in results/notes/NAME, and writes
the table of all of them, results/notes.md. With ``--work`` a run that is stopped goes on. ``--only`` takes some of
them; the table is of all that are kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kept_run import NOTES, keep
from benchmarks.study import RESULTS, read_study
from ondevice.bundle.specs import READER_ROLE
from ondevice.config import DEFAULT_GENERATOR, RetrievalConfig

KEPT = RESULTS / "notes"
TABLE = RESULTS / "notes.md"
PLAIN = "plain"
"""The part of a folder of models in which the default has no reader."""
HALF, ONE_AND_HALF = "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"
PEOPLE = ("--people", "6", "--questions", "24")
FEW = ("--people", "3", "--questions", "16")
"""For the largest model, which takes thirteen seconds a question."""
TALKS = ("--questions", "30")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One report: of which model, and what ``ondevice eval notes`` is told beside it.

    Args:
        said: The row's name in the table.
        options: Of ``ondevice eval notes``.
        generator: Which language model.
        is_plain: Whether its reader is taken away.
        is_of_talks: Whether LoCoMo's conversations are asked.
    """

    said: str
    options: Sequence[str] = ()
    generator: str = DEFAULT_GENERATOR
    is_plain: bool = False
    is_of_talks: bool = False


def _of_reader(said: str, *options: str) -> Asked:
    return Asked(said=said, options=(*PEOPLE, *options))


REPORTS: Mapping[str, Asked] = {
    "smollm2-135m-none": Asked(said="135M, no notes", options=(*PEOPLE, "--notes", "none"), is_plain=True),
    "smollm2-135m-plain": Asked(
        said="135M, retrieval", options=(*PEOPLE, "--notes", "retrieval", "--transcript", "10"), is_plain=True
    ),
    "smollm2-135m-unchecked": _of_reader(
        "135M, retrieval and reader", "--notes", "retrieval", "--on-unsupported", "answer"
    ),
    "smollm2-135m-with-reader": _of_reader(
        "135M, retrieval, reader and support", "--notes", "retrieval", "--transcript", "10"
    ),
    **{
        f"smollm2-135m-k{k}": _of_reader(f"the same, {k} notes", "--notes", "retrieval", "--k", str(k))
        for k in (2, 4, 6)
    },
    "smollm2-135m-evidence": _of_reader("the same, only the notes that answer", "--notes", "evidence"),
    "smollm2-135m-with-reader-talks": _of_reader(
        "the same, people who talk", "--talks", "16", "--notes", "retrieval", "--transcript", "10"
    ),
    "qwen2.5-coder-0.5b": Asked(
        said="0.5B, retrieval", options=(*PEOPLE, "--notes", "retrieval", "--transcript", "10"), generator=HALF
    ),
    "qwen2.5-coder-1.5b": Asked(
        said="1.5B, retrieval", options=(*FEW, "--notes", "retrieval", "--transcript", "10"), generator=ONE_AND_HALF
    ),
    "locomo/smollm2-135m-plain": Asked(
        said="135M, retrieval", options=(*TALKS, "--notes", "retrieval"), is_plain=True, is_of_talks=True
    ),
    "locomo/smollm2-135m-with-reader": Asked(
        said="135M, retrieval, reader and support", options=(*TALKS, "--notes", "retrieval"), is_of_talks=True
    ),
    "locomo/smollm2-135m-unchecked": Asked(
        said="135M, retrieval and reader",
        options=(*TALKS, "--notes", "retrieval", "--on-unsupported", "answer"),
        is_of_talks=True,
    ),
    "locomo/smollm2-135m-k6": Asked(
        said="the same, 6 turns",
        options=(*TALKS, "--notes", "retrieval", "--on-unsupported", "answer", "--k", "6"),
        is_of_talks=True,
    ),
    "locomo/smollm2-135m-with-reader-evidence": Asked(
        said="the same, only the turns that answer",
        options=("--questions", "20", "--notes", "evidence"),
        is_of_talks=True,
    ),
    "locomo/qwen2.5-coder-0.5b": Asked(
        said="0.5B, retrieval",
        options=("--questions", "20", "--notes", "retrieval,evidence"),
        generator=HALF,
        is_of_talks=True,
    ),
}
"""By the folder in results/notes."""

BEFORE_AND_AFTER = ("smollm2-135m-plain", "smollm2-135m-with-reader")

FIGURES = {
    "right": "right",
    "refused wrongly": "refused wrongly",
    "refused rightly": "refused rightly",
    "refused after forgetting": "after forgetting",
    "evidence found, all of it": "found",
    "token F1": "token F1",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, keep and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path)
    parser.add_argument("--locomo", type=Path)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=REPORTS, default=list(REPORTS))
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        plain = Path(temporary) / PLAIN
        for name in given.only:
            asked = REPORTS[name]
            if not (given.models / asked.generator).is_dir() or (asked.is_of_talks and given.locomo is None):
                print(f"{name}: left as it is, its model or file is not here")
                continue
            if asked.is_plain and not plain.exists():
                _without_reader(given.models, plain)
            _ask(asked, plain if asked.is_plain else given.models, given.locomo, work / name)
            keep(work / name / NOTES, KEPT / name)
    TABLE.write_text(markdown_of(KEPT), "utf-8")


def markdown_of(folder: Path) -> str:
    """Return the tables of all reports that a folder keeps."""
    lines = ["# Answers from notes", "", "Reproduce: `python -m benchmarks.note_reading MODELS --locomo FILE`", ""]
    lines += ["Each row is a report of `ondevice eval notes`, which stands in its folder with its command. Parts of"]
    lines += ["questions, with 95 % intervals over people; seconds are medians of a busy machine.", ""]
    for is_of_talks, title in ((False, "Invented people"), (True, "LoCoMo's conversations")):
        lines += [f"## {title}", "", "| | " + " | ".join((*FIGURES.values(), "tokens", "seconds", "report")) + " |"]
        lines += ["|---|" + "--:|" * (len(FIGURES) + 2) + "---|"]
        lines += _rows(folder, is_of_talks=is_of_talks)
        lines += [""]
    return "\n".join([*lines, *_told(folder)])


def _told(folder: Path) -> Iterator[str]:
    """Yield the questions that both transcripts have, with the answers before and after."""
    paths = [folder / name / NOTES for name in BEFORE_AND_AFTER]
    before, after = ({each["request"]: each for each in read_study(path).get("transcript", ())} for path in paths)
    yield from (
        "## Questions, before and after",
        "",
        "Drawn by lot. The notes that were found stand in the reports.",
        "",
    )
    yield from ("| question | wanted | 135M, plain | 135M, with its reader |", "|---|---|---|---|")
    for request, entry in after.items():
        if request in before:
            answers = [_answer(each["answers"][0]) for each in (before[request], entry)]
            yield "| " + " | ".join([request, entry["wanted"] or "a refusal", *answers]) + " |"
    yield ""


def _answer(told: Mapping[str, str]) -> str:
    text = " ".join(told["answer"].split()).replace("|", "/")
    return f"**{told['mark']}:** {text}"


def _rows(folder: Path, *, is_of_talks: bool) -> Iterator[str]:
    for name, asked in REPORTS.items():
        path = folder / name / NOTES
        if asked.is_of_talks != is_of_talks or not path.exists():
            continue
        for row in read_study(path)["rows"]:
            figures = row["figures"]
            cells = [_cell(figures.get(figure)) for figure in FIGURES]
            cells += [f"{figures['tokens of the prompt']['value']:.0f}", f"{row['seconds']:.1f}"]
            said = asked.said if row["condition"] in ("none", "retrieval") else f"{asked.said} ({row['condition']})"
            yield "| " + " | ".join([said, *cells, f"[{name}](notes/{name}/notes.md)"]) + " |"


def _cell(figure: Mapping[str, float] | None) -> str:
    if figure is None:
        return ""
    value = f"{figure['value']:.2f}"
    return value if figure["low"] is None else f"{value} ({figure['low']:.2f} to {figure['high']:.2f})"


def _ask(asked: Asked, models: Path, locomo: Path | None, out: Path) -> None:
    """Run the command in a process of its own, and let it write into ``out``."""
    of = ("--locomo", str(locomo)) if asked.is_of_talks else ()
    command = ["eval", "notes", *asked.options, *of, "--generator", asked.generator, "--threads", "1"]
    command += [] if "--k" in asked.options else ["--k", str(RetrievalConfig().k)]
    subprocess.run(
        [sys.executable, "-m", "ondevice.cli", *command, "--models", str(models), "--out", str(out)], check=True
    )


def _without_reader(models: Path, plain: Path) -> None:
    """Copy the models that are asked, without the default's reader and what was measured of it."""
    shutil.copytree(models, plain, ignore=lambda folder, names: _left_out(Path(folder) == models, names))
    path = plain / DEFAULT_GENERATOR / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    reader = manifest["files"].pop(READER_ROLE, None)
    manifest["generator"].pop("support", None)
    if reader is not None:
        (path.parent / reader["path"]).unlink()
    path.write_text(json.dumps(manifest, indent=2), "utf-8")


def _left_out(is_top: bool, names: Sequence[str]) -> set[str]:
    from ondevice.config import DEFAULT_ENCODER

    return set(names) - {DEFAULT_GENERATOR, DEFAULT_ENCODER} if is_top else set()


if __name__ == "__main__":
    main()
