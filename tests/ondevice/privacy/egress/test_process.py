"""Whatever the job or a library tries is seen by the layer that can see it, and none of it leaves."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from ondevice.privacy.egress import process
from ondevice.privacy.egress.attempts import Attempt
from ondevice.privacy.egress.leftovers import homed
from ondevice.privacy.egress.process import watch_job
from ondevice.privacy.egress.seen import Seen
from ondevice.privacy.egress.switches import without_switches
from tests.ondevice.privacy.egress.faults import compile_native, needs_namespaces, plant

HOST = "filelock"
"""A package that the job always loads."""


class Watch:
    """Runs the job without models, with a fault in a package that it loads."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.faults = folder / "faults"

    def plant(self, code: str, *, before: str = "") -> None:
        self.monkeypatch.syspath_prepend(plant(self.faults, HOST, code, before=before))

    def run(self, *, is_cut_off: bool = True) -> Seen:
        folder = self.folder / "job"
        (folder / "home").mkdir(parents=True)
        job = {
            "folder": str(folder),
            "profile": str(folder / "job.profile"),
            "models": str(folder),
            "encoder": None,
            "generator": None,
            "idle_s": 0.2,
            "is_cut_off": is_cut_off,
        }
        self.seen = watch_job(job, homed(without_switches(os.environ), folder / "home"))
        return self.seen

    def count(self, action: str) -> int:
        return sum(each.action == action for each in self.seen.attempts)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(tmp_path, monkeypatch)


def tried(seen: Seen, layer: str) -> set[tuple[str, str, str, int | None]]:
    return {(each.action, each.family, each.to, each.port) for each in seen.attempts if each.layer == layer}


def native(watch: Watch, code: str) -> set[tuple[str, str, str, int | None]]:
    """Run Python that only calls C, and return what the system calls showed, once Python's events showed nothing."""
    watch.plant(f"import ctypes, struct\nlibc = ctypes.CDLL(None)\n{code}")
    seen = watch.run()
    assert seen.has_ended
    assert tried(seen, "Python") == set()
    return tried(seen, "system calls")


@needs_namespaces
def test_the_job_tries_nothing_and_leaves_nothing(watch: Watch) -> None:
    seen = watch.run()
    assert seen.attempts == []
    assert seen.written == []
    assert (seen.is_watched, seen.is_cut_off, seen.has_ended, seen.is_alone) == (True, True, True, True)
    assert seen.steps == ["start", "create", "open", "add", "search", "forget", "close", "load", "idle", "end"]
    loaded = " ".join(seen.libraries)
    assert all(name in loaded for name in ("sqlcipher3", "onnxruntime", "hnswlib", "tokenizers", "libllama"))


def test_a_connection_of_a_python_thread_is_seen_by_both_layers(watch: Watch) -> None:
    watch.plant(
        """
        import socket, threading

        def connect():
            try:
                socket.create_connection(("192.0.2.1", 443), timeout=5)
            except OSError:
                pass

        threading.Thread(target=connect).start()
        """
    )
    seen = watch.run()
    assert ("connect", "IPv4", "private", 443) in tried(seen, "Python")
    assert ("connect", "IPv4", "private", 443) in tried(seen, "system calls")
    assert {each.by for each in seen.attempts if each.layer == "Python"} == {HOST}


def test_a_package_on_the_path_of_the_variables_is_loaded_as_in_an_app(watch: Watch) -> None:
    watch.monkeypatch.setenv(
        "PYTHONPATH", str(plant(watch.faults, HOST, "import ctypes; ctypes.CDLL(None).socket(2, 2, 0)"))
    )
    assert ("socket", "IPv4", "", None) in tried(watch.run(), "system calls")


def test_what_runs_before_the_package_is_seen(watch: Watch) -> None:
    watch.faults.mkdir()
    (watch.faults / "sitecustomize.py").write_text("import socket; socket.socket().connect_ex(('192.0.2.1', 443))")
    watch.monkeypatch.setenv("PYTHONPATH", str(watch.faults))
    assert ("connect", "IPv4", "private", 443) in tried(watch.run(), "system calls")


def test_a_connection_at_the_interpreters_end_is_seen(watch: Watch) -> None:
    watch.plant(
        """
        import atexit, socket
        atexit.register(lambda: socket.socket().connect_ex(("192.0.2.1", 443)))
        """
    )
    steps = {each.step for each in watch.run().attempts if each.action == "connect"}
    assert steps == {"end"}


def test_a_connection_through_c_is_seen_by_the_system_calls_alone(watch: Watch) -> None:
    seen = native(
        watch,
        "libc.connect(libc.socket(2, 1, 0), struct.pack('!BBH4s8x', 2, 0, 443, bytes((192, 0, 2, 1))), 16)\n"
        "to = struct.pack('=H', 10) + struct.pack('!HI16sI', 443, 0, bytes(15) + bytes((1,)), 0)\n"
        "libc.connect(libc.socket(10, 1, 0), to, 28)",
    )
    assert ("connect", "IPv4", "private", 443) in seen
    assert ("connect", "IPv6", "loopback", 443) in seen


@pytest.mark.parametrize(
    "body",
    [
        "connect(socket(2, 1, 0), to, 16);",
        pytest.param(
            "syscall(42, syscall(41, 2, 1, 0), to, 16);",
            marks=pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are this processor's"),
        ),
    ],
    ids=["through libc", "past libc"],
)
def test_a_connection_of_a_native_thread_is_seen(watch: Watch, body: str) -> None:
    library = compile_native(watch.folder / "native", body)
    assert ("connect", "IPv4", "private", 9) in native(watch, f"ctypes.CDLL({str(library)!r})")


def test_messages_without_a_connection_are_seen(watch: Watch) -> None:
    seen = native(
        watch,
        """
to = struct.pack('=H', 2) + struct.pack('!H4s8x', 9999, bytes((192, 0, 2, 1)))
name = ctypes.create_string_buffer(to)
message = struct.pack('=QI4xQQQQi4x', ctypes.addressof(name), 16, 0, 0, 0, 0, 0)
udp = libc.socket(2, 2, 0)
libc.sendto(udp, b'x', 1, 0, to, 16)
libc.sendmsg(udp, message, 0)
libc.sendmmsg(udp, message + bytes(8) + message + bytes(8), 2, 0)
""",
    )
    assert seen == {("socket", "IPv4", "", None), ("send", "IPv4", "private", 9999)}
    assert watch.count("send") == 4


def test_a_look_up_through_c_is_seen(watch: Watch) -> None:
    seen = native(watch, "libc.getaddrinfo(b'example.invalid', b'443', None, ctypes.byref(ctypes.c_void_p()))")
    assert "look-up" in {action for action, *_ in seen}


def test_a_look_up_in_python_is_seen(watch: Watch) -> None:
    watch.plant(
        """
        import socket
        try:
            socket.getaddrinfo("example.invalid", 443)
        except OSError:
            pass
        """
    )
    assert ("look-up", "", "name", None) in tried(watch.run(), "Python")


def test_netlink_rings_and_listening_are_seen(watch: Watch) -> None:
    seen = native(
        watch,
        "libc.socket(16, 3, 0)\nlibc.syscall(425, 8, bytes(120))\n"
        "libc.bind(libc.socket(2, 1, 0), struct.pack('!BBH12x', 2, 0, 8080), 16)",
    )
    assert {("kernel", "netlink", "", None), ("ring", "", "", None)} <= seen
    assert ("listen", "IPv4", "unspecified", 8080) in seen


def test_a_local_socket_is_told_apart_and_a_name_service_is_a_look_up(watch: Watch) -> None:
    seen = native(
        watch,
        "for path in (b'/run/user/1000/bus', b'/run/systemd/resolve/io.systemd.Resolve'):\n"
        "    libc.connect(libc.socket(1, 1, 0), struct.pack('=H', 1) + path + b'\\0', 3 + len(path))",
    )
    assert seen == {("local", "Unix", "1000/bus", None), ("look-up", "Unix", "resolve/io.systemd.Resolve", None)}


def test_a_program_and_what_it_tries_are_seen(watch: Watch) -> None:
    code = "import socket; socket.socket().connect_ex(('192.0.2.1', 443))"
    watch.plant(f"import subprocess\nsubprocess.run([{sys.executable!r}, '-I', '-c', {code!r}])")
    seen = watch.run()
    assert "program" in {action for action, *_ in tried(seen, "Python")}
    assert "program" in {action for action, *_ in tried(seen, "system calls")}
    others = [each for each in seen.attempts if each.by == "a process that it started"]
    assert ("connect", "private", 443) in {(each.action, each.to, each.port) for each in others}


def test_a_process_that_outlives_the_job_is_seen(watch: Watch) -> None:
    watch.plant(
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for descriptor in range(3):
                    os.close(descriptor)
                time.sleep(4)
            os._exit(0)
        """
    )
    assert watch.run().is_alone is False


@pytest.mark.loopback
@pytest.mark.parametrize("with_calls", [True, False], ids=["by the filter", "by Python"])
def test_nothing_leaves_with_the_network_in_view(watch: Watch, with_calls: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        watch.plant(
            f"import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}), 5)\nexcept OSError: pass"
        )
        if not with_calls:
            watch.monkeypatch.setattr(process, "calls_here", lambda: None)
        seen = watch.run(is_cut_off=False)
        assert (seen.is_watched, seen.is_cut_off, seen.has_ended) == (with_calls, False, True)
        assert ("connect", "IPv4", "loopback", port) in tried(seen, "Python")
        with pytest.raises(BlockingIOError):
            server.accept()


@needs_namespaces
def test_the_namespace_alone_holds_native_code_back_unseen(watch: Watch) -> None:
    watch.monkeypatch.setattr(process, "calls_here", lambda: None)
    watch.plant(
        """
        import ctypes, errno, struct
        libc = ctypes.CDLL(None, use_errno=True)
        to = struct.pack("=H", 2) + struct.pack("!H4s8x", 9, bytes((192, 0, 2, 1)))
        assert libc.connect(libc.socket(2, 1, 0), to, 16) == -1 and ctypes.get_errno() == errno.ENETUNREACH
        """
    )
    seen = watch.run()
    assert (seen.is_cut_off, seen.is_watched, seen.has_ended, seen.attempts) == (True, False, True, [])


def test_a_file_in_another_place_is_told_and_read(watch: Watch) -> None:
    other = watch.folder / "elsewhere.log"
    watch.plant(f"with open({str(other)!r}, 'w') as file: file.write('ferry to QuillFjord')")
    seen = watch.run()
    ending = f"{watch.folder.name}/elsewhere.log"
    assert seen.written == [(ending, HOST)]
    assert seen.readable == [ending]


def test_a_job_that_fails_says_where_and_with_what(watch: Watch) -> None:
    watch.plant("raise RuntimeError('secret words')")
    seen = watch.run()
    assert (seen.error, seen.failed_in, seen.has_ended) == ("RuntimeError", "start", False)
    assert seen.steps == ["start", "load", "idle", "end"]


def test_attempts_are_kept_up_to_a_number() -> None:
    seen = Seen()
    for port in range(1500):
        seen.note(Attempt(layer="Python", action="connect", port=port))
    assert len(seen.attempts) == 1000
