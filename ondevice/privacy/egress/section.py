"""The check's section: the runs of the job, what else was looked at, and what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import ondevice
from ondevice.errors import StorageError
from ondevice.privacy.egress.judging import (
    judge_libraries,
    judge_reporters,
    judge_runs,
    judge_sight,
    judge_sources,
)
from ondevice.privacy.egress.libraries import Library, read_library
from ondevice.privacy.egress.reporters import Reporter, find_reporters
from ondevice.privacy.egress.runs import Models, Run, idle_s, models_of, run_all
from ondevice.privacy.egress.sources import Sources, read_sources
from ondevice.privacy.findings import Fact, Finding, Section, Table
from ondevice.privacy.subject import Subject
from ondevice.trial.frozen import is_frozen

NAME = "egress"
TITLE = "What leaves the device"
QUESTION = "Does the SDK, or a library that it loads, try to reach anything outside of its process?"
_MOST_ROWS = 60

_ALWAYS = (
    "the app around the SDK: the main job runs in a process of its own, with nothing of the app's",
    "other jobs than the main one: training, summaries, importing, installing and converting models",
    "further models of the profile (adapters, selector, persona, further encoders); they run in the same libraries",
    "what a library does only on some days, on some machines, or after longer use",
    "functions that a library finds by name as it runs: tables of symbols do not show these, a watched call does",
    "files that native code wrote outside of the job's home, and files that were gone when the job ended",
    "packages that report their use and are not in the list of those known here",
)


def section_of(subject: Subject) -> Section:
    """Run the check."""
    sources = read_sources(Path(ondevice.__file__).parent)
    runs, failure = _runs(subject)
    libraries = tuple(
        read_library(Path(path)) for path in sorted({path for run in runs for path in run.seen.libraries})
    )
    loaded: dict[str, bool] = {}
    for run in runs:
        for name, is_off in run.seen.reporters.items():
            loaded[name] = loaded.get(name, True) and is_off
    reporters = find_reporters(loaded)
    findings = [
        *judge_runs(runs),
        *judge_sources(sources, runs),
        *judge_reporters(reporters),
        *judge_libraries(libraries),
        *(failure or judge_sight(runs, libraries)),
    ]
    subject.on_progress(1, 1)
    return Section(
        name=NAME,
        title=TITLE,
        question=QUESTION,
        findings=tuple(findings),
        facts=tuple(_facts(subject, sources, runs, libraries)),
        tables=tuple(table for table in _tables(runs, libraries, reporters) if table.rows),
        not_tested=tuple(_not_tested(subject, runs, models_of(subject))),
    )


def _runs(subject: Subject) -> tuple[tuple[Run, ...], tuple[Finding, ...]]:
    """Return the runs, or why there are none."""
    reason = "an app that was made into one executable has no interpreter to start"
    if not is_frozen():
        try:
            return run_all(subject), ()
        except (OSError, StorageError) as error:
            reason = f"no process could be started ({type(error).__name__})"
    finding = Finding(
        code="egress/not-observed",
        level="note",
        text=f"the main job was not watched: {reason}",
        hint="run the audit with an interpreter, in an environment with the same packages",
    )
    return (), (finding,)


def _facts(subject: Subject, sources: Sources, runs: Sequence[Run], libraries: Sequence[Library]) -> Iterator[Fact]:
    yield Fact(name="runs of the main job", value=len(runs))
    yield Fact(
        name="runs with every system call of the network watched", value=sum(run.seen.is_watched for run in runs)
    )
    yield Fact(name="runs without any network interface", value=sum(run.seen.is_cut_off for run in runs))
    yield Fact(name="idle at the end of each run", value=idle_s(subject), unit="s")
    yield Fact(name="attempts to reach something", value=sum(len(run.seen.attempts) for run in runs))
    yield Fact(
        name="files written outside the profile", value=sum(len(run.files) + len(run.seen.written) for run in runs)
    )
    yield Fact(name="modules of the package read", value=sources.n_read)
    yield Fact(name="modules of the package that import the network", value=len({by for by, _ in sources.imports}))
    if libraries:
        yield Fact(name="libraries loaded", value=len(libraries))
        yield Fact(name="of them with functions of the network", value=sum(bool(each.functions) for each in libraries))
        yield Fact(name="of them not readable", value=sum(each.functions is None for each in libraries))


def _tables(runs: Sequence[Run], libraries: Sequence[Library], reporters: Sequence[Reporter]) -> Iterator[Table]:
    attempts = Counter((run.name, attempt) for run in runs for attempt in run.seen.attempts)
    yield Table(
        title="Attempts",
        header=("run", "seen in", "what", "family", "to", "port", "step", "by", "times"),
        rows=tuple(
            (run, each.layer, each.action, each.family, each.to, each.port, each.step, each.by, times)
            for (run, each), times in attempts.most_common(_MOST_ROWS)
        ),
    )
    yield Table(
        title="Files outside the profile",
        header=("run", "file", "bytes", "written by"),
        rows=(
            *((run.name, file.name, file.n_bytes, None) for run in runs for file in run.files[:_MOST_ROWS]),
            *((run.name, name, None, by) for run in runs for name, by in run.seen.written[:_MOST_ROWS]),
        ),
    )
    imports = {name: by for run in runs for name, by in run.seen.imports.items()}
    modules = sorted({name for run in runs for name in run.seen.modules} | imports.keys())
    yield Table(
        title="Python's network modules in the main job",
        header=("module", "first imported by"),
        rows=tuple((name, imports.get(name, "before the watch began")) for name in modules),
    )
    yield Table(
        title="Libraries with functions of the network",
        header=("library", "of", "functions"),
        rows=tuple(
            (each.name, each.owner, "could not be read" if each.functions is None else ", ".join(each.functions))
            for each in libraries
            if each.functions is None or each.functions
        ),
    )
    yield Table(
        title="Packages that can report their use",
        header=("package", "version", "loaded by the main job", "reporting", "switch"),
        rows=tuple(
            (each.switch.module, each.version, each.is_loaded, each.state, each.switch.remedy) for each in reporters
        ),
    )


def _not_tested(subject: Subject, runs: Sequence[Run], models: Models) -> Iterator[str]:
    if not runs:
        yield "whatever the main job does: it was not run"
    elif not all(run.seen.is_watched for run in runs):
        yield "system calls of native code and of other programs: they could not be watched on this system"
    if runs and not any(run.seen.is_cut_off for run in runs):
        yield "the main job in a network namespace without interfaces: this system does not let the audit make one"
    if runs and all(run.seen.is_cut_off for run in runs):
        yield "what a library does where it sees a network: the main job saw none"
    for role, wanted, found in (
        ("encoder", subject.models.encoder, models.encoder),
        ("language model", subject.models.generator, models.generator),
    ):
        if found is None:
            why = "it is not in the folder of models" if wanted else "there is none"
            yield f"the {role} in the main job: {why}; its library was loaded and did nothing"
    yield f"what a library does more than {idle_s(subject):g} s after its last use"
    yield from _ALWAYS
