"""The one place that touches onnxruntime: telemetry off first, then a CPU session.

From 1.29 on, onnxruntime's official builds report usage over the network on every platform and leave
a device id in the user's cache folder. Only ``ORT_DISABLE_TELEMETRY=1`` in the environment *before*
the library is loaded stops it; switching it off afterwards comes too late. So this module sets the
variable itself, and refuses to work where somebody else has loaded the library without it.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ondevice.config import MOST_THREADS
from ondevice.errors import BundleError
from ondevice.safety.forks import Origin, keep_for_ever

if TYPE_CHECKING:
    import onnxruntime

TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"
_ERRORS_ONLY = 3


def load_runtime() -> ModuleType:
    """Import onnxruntime with its telemetry off and return the module.

    Raises:
        BundleError: If the process loaded onnxruntime before, without the variable: it may be reporting already,
            and nothing that can be done now is known to stop it.
    """
    if "onnxruntime" in sys.modules and os.environ.get(TELEMETRY_OFF) != "1":
        raise BundleError(
            "onnxruntime was loaded by other code with its telemetry on",
            hint=f"set {TELEMETRY_OFF}=1 before anything in the process imports onnxruntime",
        )
    os.environ[TELEMETRY_OFF] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError("onnxruntime cannot be loaded; run: pip install onnxruntime") from error
    onnxruntime.disable_telemetry_events()
    runtime: ModuleType = onnxruntime
    return runtime


class Session:
    """A model graph on the CPU. Safe to run from several threads at once.

    Args:
        path: The ``.onnx`` file.
        threads: Threads within one operator; ``None`` leaves the choice to onnxruntime (the physical cores).
    """

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        if threads is not None and not 1 <= threads <= MOST_THREADS:
            raise ValueError(f"threads must be 1 to {MOST_THREADS}, not {threads}")
        runtime = load_runtime()
        options = runtime.SessionOptions()
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = _ERRORS_ONLY
        options.inter_op_num_threads = 1
        if threads is not None:
            options.intra_op_num_threads = threads
        # Threads that spin between requests would drain the battery of the device this runs on.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: onnxruntime.InferenceSession | None = runtime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises its own types, and RuntimeError
            raise BundleError(f"the model file {path.name!r} cannot be loaded: {type(error).__name__}") from error
        self._origin = Origin()
        _sessions.add(self)
        self.inputs: tuple[str, ...] = tuple(node.name for node in self._session.get_inputs())
        self.outputs: tuple[str, ...] = tuple(node.name for node in self._session.get_outputs())

    def run(self, feed: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Run the graph and return its first output as float32, of whatever shape the graph gives.

        Raises:
            BundleError: If the graph fails on this input, or the session was made before this process was forked.
            ValueError: If the session is closed.
        """
        if self._session is None:
            raise ValueError("the session is closed")
        if not self._origin.is_here:
            raise BundleError("the model was loaded before this process was forked", hint="load it after the fork")
        try:
            output = self._session.run([self.outputs[0]], dict(feed))[0]
        except Exception as error:  # as above; the message could hold input values, so it is not passed on
            raise BundleError(f"the model graph failed on its input: {type(error).__name__}") from None
        return np.asarray(output, dtype=np.float32)

    def close(self) -> None:
        """Give the graph's memory back. Closing twice is allowed."""
        self._session = None

    def keep_for_ever(self) -> None:
        """Let the graph's memory never be given back: without its threads, that would never end."""
        if self._session is not None:
            keep_for_ever(self._session)


_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


def _keep_inherited() -> None:
    for session in [*_sessions]:
        session.keep_for_ever()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_inherited)
