"""What the watch saw of one run of the main job."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ondevice.privacy.egress.attempts import Attempt

_MOST_ATTEMPTS = 1000
_LISTS = {"step": "steps", "readable": "readable", "module": "modules", "library": "libraries"}


@dataclass(kw_only=True)
class Seen:
    """What was seen of one run of the job.

    Attributes:
        attempts: Every attempt, up to a number that nobody reads any more.
        written: Files that Python opened for writing elsewhere than in the job's folder: file, module.
        readable: Those of them that hold the job's text in the clear.
        imports: Network modules, each with the module that imported it first.
        modules: Network modules that were loaded at the end.
        reporters: Packages with a switch → whether it was off whenever it was looked at.
        libraries: Shared objects that were loaded at the end.
        steps: The steps that began, in order.
        error: The kind of error that ended the job early, the first if there are several.
        failed_in: The step in which it did.
        is_cut_off: Whether the job saw no interface.
        is_watched: Whether the system calls were watched.
        has_ended: Whether the job ended by itself and in time.
        is_alone: Whether everything that it started ended with it; ``None`` where that is not known.
    """

    attempts: list[Attempt] = field(default_factory=list)
    written: list[tuple[str, str]] = field(default_factory=list)
    readable: list[str] = field(default_factory=list)
    imports: dict[str, str] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)
    reporters: dict[str, bool] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=lambda: ["start"])
    error: str | None = None
    failed_in: str | None = None
    is_cut_off: bool = False
    is_watched: bool = False
    has_ended: bool = False
    is_alone: bool | None = None

    def note(self, attempt: Attempt) -> None:
        """Keep an attempt, with the step in which it was made."""
        if len(self.attempts) < _MOST_ATTEMPTS:
            self.attempts.append(replace(attempt, step=self.steps[-1]))

    def hear(self, event: dict[str, Any]) -> None:
        """Take one event that the process tells."""
        for kind, value in event.items():
            if kind in _LISTS:
                getattr(self, _LISTS[kind]).append(value)
        if "attempt" in event:
            self.note(Attempt(**event["attempt"]))
        elif "import" in event:
            self.imports.setdefault(event["import"], event["by"])
        elif "written" in event:
            self.written.append((event["written"], event["by"]))
        elif "reporter" in event:
            self.reporters[event["reporter"]] = self.reporters.get(event["reporter"], True) and event["is_off"]
        elif "error" in event and self.error is None:
            self.error, self.failed_in = event["error"], self.steps[-1]
        elif "is_cut_off" in event:
            self.is_cut_off = event["is_cut_off"]
