"""What leaves the process: whether the SDK or a library that it loads tries to reach anything outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ondevice.privacy.findings import Section
    from ondevice.privacy.subject import Subject

__all__ = ["check"]


def check(subject: Subject) -> Section:
    """Do the SDK's main job on an invented profile in a process of its own, and note whatever it tries to reach.

    The layers are: Python's audit events; the system calls of every thread and every program that is started, through
    a seccomp filter (Linux); and a network namespace without interfaces (Linux). Beside these, the package's own
    source is read for imports of network modules, the loaded libraries for functions of the network, the known
    switches of telemetry are looked at, and what is written outside the profile is listed.

    Where calls can be watched, the job is done twice: cut off, and with the machine's network in view, since a library
    may try nothing where it sees no network. Each attempt is refused; no byte leaves.

    Codes: ``connection``, ``look-up``, ``socket`` and ``readable-file`` (high); ``telemetry-on`` (medium, for
    onnxruntime high); ``program``, ``kernel-socket``, ``ring``, ``process-left``, ``job-failed``, ``identifier`` and
    ``network-import`` (medium); ``files-written`` (low); ``local-socket``, ``native-sockets``,
    ``telemetry-installed`` and ``not-observed`` (notes).
    """
    # Loaded here, so that the watched process begins its watch before it loads anything else.
    from ondevice.privacy.egress.section import section_of

    return section_of(subject)
