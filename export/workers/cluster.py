"""The one place that starts Ray or joins it: no usage statistics, no dashboard, a token, nothing left behind.

Ray reports usage over the network unless ``RAY_USAGE_STATS_ENABLED=0`` stands in the environment when it starts, and
the processes that it starts listen on every interface, where only a token keeps strangers from running code. Both are
settings of the process and not of a call, so this module sets the variables itself, before it loads Ray.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from export.errors import ClusterError

USAGE_STATISTICS = "RAY_USAGE_STATS_ENABLED"
AUTHENTICATION, TOKEN = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"
LONGEST_BASE = 16
"""Ray puts sockets some 64 characters below its folder, and the longest path of a socket has 103 on some systems."""


def load_ray(*, is_ours: bool) -> ModuleType:
    """Import Ray with its usage statistics off and return the module.

    Args:
        is_ours: Whether Ray is to be started here, and so gets a token of ours, unless the environment names one. The
            token stays for the life of the process, because Ray reads it once.

    Raises:
        ImportError: If Ray is not installed; it names the install command.
    """
    os.environ[USAGE_STATISTICS] = "0"
    if is_ours:
        os.environ.setdefault(AUTHENTICATION, "token")
        os.environ.setdefault(TOKEN, secrets.token_hex(32))
    try:
        import ray
    except ImportError as error:
        raise ImportError("several workers need the extra 'ray': run: pip install 'ondevice-export[ray]'") from error
    module: ModuleType = ray
    return module


class Cluster:
    """Ray for as long as this is open; close it, or use it as a context manager.

    Args:
        address: ``HOST:PORT`` of a running cluster that this machine is part of, or ``None`` to start one here.
        n_cpus: CPUs that will be asked for; a cluster that is joined has what it has.

    Attributes:
        ray: The module.
        scratch: A folder for what workers leave, which goes at the end, or ``None`` on a cluster that was joined.

    Raises:
        ImportError: If Ray is not installed.
        ClusterError: If this process uses Ray already, or Ray does not start or answer.
    """

    def __init__(self, *, address: str | None, n_cpus: int) -> None:
        self.ray: Any = load_ray(is_ours=address is None)
        if self.ray.is_initialized():
            raise ClusterError("this process uses Ray already", hint="call ray.shutdown() before")
        self.scratch = None if address is not None else _new_folder()
        try:
            self._start(address, n_cpus)
        except BaseException:
            self.close()
            raise

    def n_cpus(self) -> int:
        """Return the CPUs of all machines that are alive, busy or not."""
        return int(self.ray.cluster_resources().get("CPU", 0))

    def close(self) -> None:
        """Leave Ray; what was started here ends, and its folder with logs and left-over profiles goes."""
        self.ray.shutdown()
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _start(self, address: str | None, n_cpus: int) -> None:
        quiet = {"log_to_driver": False, "configure_logging": False}
        try:
            if self.scratch is not None:
                # Ray opens its folder to everybody. The CPUs are what is asked for, not what there is: nothing else
                # would let a machine run more workers than it has CPUs.
                folder = str(self.scratch / "ray")
                self.ray.init(address="local", num_cpus=n_cpus, include_dashboard=False, _temp_dir=folder, **quiet)
            else:
                self.ray.init(address=address, **quiet)
        except Exception as error:  # Ray raises bare ones too: where its node takes more than 30 s on a busy machine
            if address is None:
                where, hint = "start", "it gives up after half a minute: try again when the machine is less busy"
            else:
                where = f"be joined at {address}"
                hint = "every machine needs the same Python and Ray, RAY_AUTH_MODE=token and the cluster's token"
            raise ClusterError(f"Ray cannot {where}: {type(error).__name__}", hint=hint) from None


def _new_folder() -> Path:
    base = tempfile.gettempdir()
    # The folder is new, named at random and the user's alone wherever it lies.
    short = base if len(base) <= LONGEST_BASE or os.name == "nt" else "/tmp"  # noqa: S108
    return Path(tempfile.mkdtemp(prefix="ondevice-", dir=short))
