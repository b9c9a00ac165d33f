"""Setting up: every step is named, nothing is silent, what is done is not done again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command_line import on_terminal
from tests.tiny_packages import make_project, make_source

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Site:
    """A project, its environment, and the folder that is the package index."""

    project: Path
    venv: Path
    index: Path
    models: Path

    def command(self, *wanted: str) -> list[str]:
        return [
            sys.executable, "-W", "error", "-m", "tools.set_up",
            "--venv", str(self.venv), "--project", str(self.project), "--then", "the demonstration", *wanted,
        ]  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """Pip reaches this folder alone, and keeps nothing."""
        only = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), "PIP_NO_CACHE_DIR": "1"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        return {**kept, **only, "PIP_CONFIG_FILE": os.devnull, "ONDEVICE_MODELS": str(self.models)}

    def set_up(self, *wanted: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*wanted), cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    def log(self) -> str:
        return (self.venv / "set-up.log").read_text("utf-8")

    def lock(self, lines: str) -> None:
        (self.project / ".ci" / "demo.lock").write_text(lines)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    made = Site(folder / "project", folder / "venv", folder / "index", folder / "models")
    made.index.mkdir()
    made.models.mkdir()
    make_project(made.project, "".join(make_source(made.index, name) for name in ("tiny_one", "tiny_two")))
    break_environment(made.venv)
    return made


def break_environment(venv: Path) -> None:
    """Leave what an environment is when its Python has gone, with stamps that nobody can read."""
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").touch()
    (venv / "bin" / "python").symlink_to(venv / "gone")
    (venv / "set-up.json").write_text('{"demo": "done long ago"')


@pytest.fixture(scope="module")
def first(site: Site) -> subprocess.CompletedProcess[str]:
    """Set up what a broken environment is in the way of: Python takes seconds to make one, so it is made once."""
    return site.set_up("demo", "models")


@pytest.mark.usefixtures("first")
class TestAnEnvironment:
    """In this order: what one test has set up, the next finds."""

    def test_each_step_is_announced_with_what_comes_next(
        self, site: Site, first: subprocess.CompletedProcess[str]
    ) -> None:
        assert (first.returncode, first.stdout) == (0, "")
        lines = first.stderr.splitlines()
        env = f"the environment {site.venv}"
        assert (
            lines[0]
            == f"setting up {site.venv}, 4 steps: {env}, the demo's packages, the SDK itself, the default models"
        )
        announced = [line for line in lines if re.match(r"\[\d/4\] .*; next: ", line)]
        assert announced[0] == f"[1/4] {env}; next: the demo's packages"
        assert "[4/4] the default models; next: the demonstration" in announced
        assert [line[:5] for line in lines if ": done in 0:" in line] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
        assert "fetching" in lines  # the fetcher's own words
        assert lines[-1].endswith("now: the demonstration")
        assert "\x1b" not in first.stderr

    def test_a_broken_environment_is_made_anew(self, site: Site) -> None:
        assert (site.venv / "bin" / "python").exists()
        assert "done long ago" not in (site.venv / "set-up.json").read_text()

    def test_what_is_pinned_and_the_project_are_there(self, site: Site) -> None:
        code = "import tiny_one, tiny_two, fetcher; print(tiny_one.ANSWER)"
        python = site.venv / "bin" / "python"
        assert subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout == "42\n"
        assert "--require-hashes" in site.log()
        assert "[3/3] c++ -c part3.cpp" in site.log()

    def test_the_second_time_says_nothing_and_calls_nothing(self, site: Site) -> None:
        before = site.log()
        (site.project / ".ci" / "demo.lock").touch()
        with (site.project / "pyproject.toml").open("a") as file:
            file.write("[tool.ruff]\nline-length = 100\n")
        again = site.set_up("demo", "models")
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
        assert site.log() == before

    def test_a_new_version_of_the_project_is_the_only_step(self, site: Site) -> None:
        path = site.project / "pyproject.toml"
        path.write_text(path.read_text().replace('"1.0"', '"1.1"'))
        again = site.set_up("demo", "models")
        assert again.stderr.splitlines()[0] == f"setting up {site.venv}, 1 step: the SDK itself"

    def test_models_that_changed_are_looked_at_again(self, site: Site) -> None:
        for change in (
            (site.models / "weights.gguf").unlink,
            lambda: (site.models / "manifest.json").write_text("{ }"),
        ):
            change()
            again = site.set_up("demo", "models")
            assert again.stderr.splitlines()[0].endswith("1 step: the default models")
            assert (site.models / "weights.gguf").read_text() == "bytes"
        assert site.set_up("models").stderr == ""

    def test_models_that_cannot_be_fetched_say_why(self, site: Site, tmp_path: Path) -> None:
        environment = {**site.environment, "ONDEVICE_MODELS": str(tmp_path / "none")}
        ran = subprocess.run(
            site.command("models"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 1
        assert ran.stderr.splitlines()[-2:] == [
            "error: [1/1] the default models: no source has the models",
            "hint: connect to a network",
        ]

    def test_development_takes_in_the_demonstration(self, site: Site) -> None:
        assert "every package for development" in site.set_up("dev", "demo").stderr
        assert site.set_up("demo", "models").stderr == ""

    def test_on_a_terminal_one_line_moves(self, site: Site) -> None:
        site.lock(make_source(site.index, "tiny_three", slow=True))
        code, shown = on_terminal(site.command("demo"), environment=site.environment, cwd=ROOT)
        assert code == 0
        drawn = [line for line in shown.split("\r") if line.startswith("[1/1] ") and line.endswith("\x1b[K")]
        assert any("compiling tiny_three, 2 of 3 files, 0:0" in line and "; next: install" in line for line in drawn)
        assert shown.count("\n") == 3

    def test_a_build_that_fails_shows_its_last_lines_and_where_all_of_them_are(self, site: Site) -> None:
        site.lock(make_source(site.index, "tiny_broken", broken=True))
        ran = site.set_up("demo")
        assert ran.returncode == 1
        assert "error: nothing here can be compiled" in ran.stderr
        assert "error: [1/1] the demo's packages: pip failed while compiling tiny_broken, 3 of 3 files" in ran.stderr
        assert ran.stderr.splitlines()[-1].endswith(f"all that pip said is in {site.venv / 'set-up.log'}")

    def test_a_package_that_is_not_the_pinned_one_is_not_installed(self, site: Site) -> None:
        site.lock(make_source(site.index, "tiny_four"))
        make_source(site.index, "tiny_four", broken=True)
        ran = site.set_up("demo")
        assert ran.returncode == 1
        assert "DO NOT MATCH THE HASHES" in site.log()


def test_ctrl_c_ends_it_in_good_order(site: Site, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0
    site.lock(make_source(site.index, "tiny_five", slow=True))
    process = subprocess.Popen(
        site.command("demo"), cwd=ROOT, env=site.environment, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    n_builds = site.log().count("[1/3]")
    deadline = time.monotonic() + 60
    while site.log().count("[1/3]") == n_builds:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-2:] == [
        "error: [1/1] the demo's packages: interrupted",
        "hint: run the same command again: what is done is kept",
    ]
    assert site.set_up("demo").returncode == 0


def test_a_folder_of_something_else_is_left_alone(site: Site, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to ada.txt").touch()
    other = Site(site.project, tmp_path / "letters", site.index, site.models)
    ran = other.set_up("demo")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == "hint: name another folder: make VENV=…"
    assert [path.name for path in other.venv.iterdir()] == ["to ada.txt"]


def test_a_place_where_no_folder_can_be_says_what_python_says(site: Site, tmp_path: Path) -> None:
    (tmp_path / "letter").touch()
    ran = Site(site.project, tmp_path / "letter" / "venv", site.index, site.models).set_up("demo")
    assert ran.returncode == 1
    assert "Not a directory" in ran.stderr
    assert ran.stderr.splitlines()[-2].endswith("Python could not make an environment")


def test_without_a_compiler_it_says_what_to_get(site: Site, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0
    site.lock(make_source(site.index, "tiny_broken", broken=True))
    environment = {**site.environment, "PATH": "/nowhere"}
    environment.pop("CXX", None)
    ran = subprocess.run(site.command("demo"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "a C/C++ compiler is needed" in ran.stderr.splitlines()[-1]
