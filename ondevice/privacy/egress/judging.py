"""What the watch saw, judged: which findings it amounts to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ondevice.privacy.egress.attempts import Action, Attempt
from ondevice.privacy.egress.libraries import Library
from ondevice.privacy.egress.reporters import Reporter
from ondevice.privacy.egress.runs import Run
from ondevice.privacy.egress.sources import Sources
from ondevice.privacy.findings import Finding, Level

_FIND_OUT = "see the table of attempts for who asked and when; remove, replace or switch off what did"
_KINDS: tuple[tuple[str, Level, tuple[Action, ...], str], ...] = (
    ("connection", "high", ("connect", "send"), "tried to reach an address"),
    ("look-up", "high", ("look-up",), "tried to look up a name"),
    ("socket", "high", ("socket", "listen"), "made a socket of the network, or waited for others on one"),
    ("program", "medium", ("program",), "started another program, which could reach out in its place"),
    ("kernel-socket", "medium", ("kernel",), "asked the system for its addresses or interfaces (netlink)"),
    ("ring", "medium", ("ring",), "asked for a way to make system calls unseen; it was refused"),
    ("local-socket", "note", ("local",), "tried to reach another program of this machine through a local socket"),
)
_OURS = ("ondevice", "export")
_MOST_NAMES = 6


def judge_runs(runs: Sequence[Run]) -> Iterator[Finding]:
    """Yield what is found in the runs of the job."""
    attempts = [attempt for run in runs for attempt in run.seen.attempts]
    for code, level, actions, what in _KINDS:
        those = [attempt for attempt in attempts if attempt.action in actions]
        if those:
            yield Finding(
                code=f"egress/{code}",
                level=level,
                text=f"the main job {what}: {_counted(those)}",
                hint=_FIND_OUT,
            )
    for run in runs:
        yield from _judge_ending(run)
    yield from _judge_files(runs)


def _counted(attempts: Sequence[Attempt]) -> str:
    layers = sorted({attempt.layer for attempt in attempts})
    targets = sorted({" ".join(filter(None, (attempt.family, attempt.to))) for attempt in attempts} - {""})
    where = f", to {_listed(targets)}" if targets else ""
    return f"{len(attempts)} times, seen in {' and '.join(layers)}{where}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _judge_ending(run: Run) -> Iterator[Finding]:
    seen = run.seen
    if not seen.has_ended or seen.steps[-1] != "end":
        reason = f"with {seen.error}" if seen.error else "without a word"
        last = seen.failed_in or seen.steps[-1]
        yield Finding(
            code="egress/job-failed",
            level="medium",
            text=f"the main job ({run.name}) ended early, {reason}, in its step {last!r}; the rest was not watched",
            hint="run `ondevice doctor`, and the audit again",
        )
    if seen.is_alone is False:
        yield Finding(
            code="egress/process-left",
            level="medium",
            text=f"the main job ({run.name}) left another process behind when it ended",
            hint=_FIND_OUT,
        )


def _judge_files(runs: Sequence[Run]) -> Iterator[Finding]:
    files = {file.name: file for run in runs for file in run.files}
    elsewhere = {name for run in runs for name, _by in run.seen.written}
    readable = {name for name, file in files.items() if file.is_readable} | {
        name for run in runs for name in run.seen.readable
    }
    if readable:
        yield Finding(
            code="egress/readable-file",
            level="high",
            text=f"the main job left its text in the clear outside its profile, in {_listed(sorted(readable))}",
            hint="find who writes it, and switch it off; delete such files of your own home",
        )
    identifiers = sorted({name for name, file in files.items() if file.is_identifier} - readable)
    if identifiers:
        yield Finding(
            code="egress/identifier",
            level="medium",
            text=f"the main job left what looks like an identifier of the device in its home: {_listed(identifiers)}",
            hint="reports of use carry such a thing: find who writes it, and switch its reporting off",
        )
    others = sorted((files.keys() | elsewhere) - readable - {*identifiers})
    if others:
        yield Finding(
            code="egress/files-written",
            level="low",
            text=f"the main job wrote {len(others)} files outside its profile: {_listed(others)}",
            hint="find who writes them, and whether they hold anything of yours",
        )


def judge_sources(sources: Sources, runs: Sequence[Run]) -> Iterator[Finding]:
    """Yield what is found in the package's own imports, in its source and as it ran."""
    ran = {(by, name) for run in runs for name, by in run.seen.imports.items() if by.partition(".")[0] in _OURS}
    imports = sorted({f"{by} imports {name}" for by, name in {*sources.imports, *ran}})
    if imports:
        yield Finding(
            code="egress/network-import",
            level="medium",
            text=f"the package itself imports modules of the network: {_listed(imports)}",
            hint="this is not as it was released: install it again from its publisher",
        )


def judge_reporters(reporters: Sequence[Reporter]) -> Iterator[Finding]:
    """Yield what is found in the switches of packages that report their use."""
    for reporter in reporters:
        if reporter.is_loaded and reporter.state == "on":
            yield Finding(
                code="egress/telemetry-on",
                level="high" if reporter.switch.is_ours else "medium",
                text=f"the main job loads {reporter.switch.module} while nothing stops it from reporting its use",
                hint=f"set {reporter.switch.remedy} before it is loaded",
            )
    idle = [each for each in reporters if not each.is_loaded and each.state == "on" and not each.switch.is_ours]
    if idle:
        yield Finding(
            code="egress/telemetry-installed",
            level="note",
            text="the main job does not load, but an app here could, with reporting on: "
            + _listed([each.switch.module for each in idle]),
            hint="set " + " ".join(each.switch.remedy for each in idle) + " for such an app",
        )


def judge_libraries(libraries: Sequence[Library]) -> Iterator[Finding]:
    """Yield a note of the loaded libraries that could open a socket."""
    able = sorted({library.name for library in libraries if library.functions})
    if able:
        yield Finding(
            code="egress/native-sockets",
            level="note",
            text=f"{len(able)} of the {len(libraries)} loaded libraries take functions of the network: {_listed(able)}",
            hint="that they can says nothing of whether they do: see the attempts",
        )


def judge_sight(runs: Sequence[Run], libraries: Sequence[Library]) -> Iterator[Finding]:
    """Yield notes of what could not be observed on this system."""
    if not all(run.seen.is_watched for run in runs):
        yield Finding(
            code="egress/not-observed",
            level="note",
            text="system calls could not be watched here, so attempts of native code were not seen",
            hint="run the audit on Linux 5.5 or newer (x86-64 or 64-bit ARM), where seccomp may be used",
        )
    if not libraries:
        yield Finding(
            code="egress/not-observed",
            level="note",
            text="the loaded libraries could not be listed here, so what they take of the network is not known",
            hint="run the audit on Linux",
        )
