"""Real Ray with two workers: the numbers of one process, whatever happens to the workers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from export.errors import ClusterError
from export.evaluation.ray_runner import RayRunner
from export.workers.cluster import AUTHENTICATION, Cluster, load_ray
from ondevice.errors import NotFoundError
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import conditions_for
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.plan import RunConfig
from ondevice.evaluation.runner import Runner
from ondevice.evaluation.table import CellOutcome, Row, rows_of
from tests.ondevice.evaluation.lamp_files import question, write_split
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

pytestmark = pytest.mark.loopback

WORD = "zanzibar"
CELLS = conditions_for("LaMP_4", strategies=["bm25", "dense"], ks=[1], decodings=["free"], controls=["bm25"])


@dataclass(frozen=True)
class Local:
    """A split, and what one process made of it."""

    folder: Path
    split: LampSplit
    outcomes: Sequence[CellOutcome]
    store: AnswerStore


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_encoder(folder / "tiny-encoder")
    make_tiny_generator(folder / "tiny-generator")
    return RunConfig(models=folder, generator="tiny-generator", encoder="tiny-encoder", max_tokens=4, threads=1)


@pytest.fixture(scope="module")
def local(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Local:
    """Five questions of three users, whose questions do not stand together."""
    asked = [question("LaMP_4", str(n), user=user, n_entries=2) for n, user in enumerate("abbcb")]
    for each in asked:
        each["input"] += f" {WORD} {each['id']}"
    folder = tmp_path_factory.mktemp("data")
    split = read_lamp_split(write_split(folder / "LaMP_4", "LaMP_4", asked), "dev")
    with Runner(config, store := AnswerStore(None)) as runner:
        return Local(folder, split, runner.run(split, CELLS), store)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster(address=None, n_cpus=3) as cluster:
        yield cluster
    assert cluster.scratch is not None
    assert not cluster.scratch.exists()


@pytest.fixture(scope="module")
def runner(cluster: Cluster, config: RunConfig) -> Iterator[RayRunner]:
    with RayRunner(config, AnswerStore(None), cluster, workers=2) as runner:
        yield runner


def rows(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[Row]:
    """Return the table without what the clock says."""
    return [replace(row, seconds_per_question=None, parts_ms={}) for row in rows_of(split, outcomes)]


def texts(store: AnswerStore) -> dict[str, str]:
    return {key: answer.text for key, answer in store.after(0).items()}


def processes(runner: RayRunner) -> list[int]:
    """Return the workers' process ids, asked in the workers themselves."""
    asked = [worker.__ray_call__.remote(lambda _: os.getpid()) for worker in runner._crew._workers]
    return list(runner._cluster.ray.get(asked))


def living(cluster: Cluster) -> set[int]:
    """Return the process ids of all workers of the cluster, of whichever program they are."""
    actors = cluster.ray._private.state.actors().values()
    return {int(actor["Pid"]) for actor in actors if actor["State"] == "ALIVE"}


def kill(runner: RayRunner) -> list[int]:
    found = processes(runner)
    for process in found:
        os.kill(process, signal.SIGKILL)
    return found


def test_two_workers_give_the_table_of_one_process(runner, local):
    seen: list[tuple[int, int]] = []
    outcomes = runner.run(local.split, CELLS, on_progress=lambda done, total: seen.append((done, total)))
    assert len(set(processes(runner)) - {os.getpid()}) == 2
    assert [outcome.answers for outcome in outcomes] == [outcome.answers for outcome in local.outcomes]
    assert rows(local.split, outcomes) == rows(local.split, local.outcomes)
    assert texts(runner._store) == texts(local.store)
    assert len(seen) == 3  # users, not questions, are what is handed out
    assert seen[-1] == (5, 5)


def test_nothing_that_was_asked_stands_in_a_file(cluster, runner, local):
    runner.run(local.split, CELLS)
    assert cluster.scratch is not None
    assert cluster.scratch.stat().st_mode & 0o777 == 0o700
    files = [path for path in cluster.scratch.rglob("*") if path.is_file()]
    assert any(path.name.startswith("worker-") for path in files)
    assert all(WORD in each.request for each in local.split.questions)
    assert [path.name for path in files if WORD.encode() in path.read_bytes()] == []


def test_killed_workers_are_replaced(config, runner, local):
    before, killed = list(runner._crew._workers), list[int]()
    outcomes = runner.run(
        local.split, CELLS, on_progress=lambda done, total: killed.extend([] if killed else kill(runner))
    )
    assert len(killed) == 2
    assert len(runner._crew._workers) == 2
    assert runner._crew._workers != before
    assert rows(local.split, outcomes) == rows(local.split, local.outcomes)


def test_a_stopped_run_goes_on_from_its_answers(cluster, config, local, tmp_path):
    path = tmp_path / "answers.jsonl"
    known, (key, answer) = dict(list(local.store.after(0).items())[:4]), next(iter(local.store.after(0).items()))
    known[key] = replace(answer, text="from the file")
    with AnswerStore(path) as store:
        for each, value in known.items():
            store.put(each, value)
    with AnswerStore(path) as store, RayRunner(config, store, cluster, workers=1) as runner:
        outcomes = runner.run(local.split, CELLS)
    assert any("from the file" in outcome.answers for outcome in outcomes)
    with AnswerStore(path) as again:
        assert texts(again) == {**texts(local.store), key: "from the file"}
        assert len(path.read_text().splitlines()) == len(again)


def test_workers_that_die_over_and_over_end_the_run(cluster, config, local, monkeypatch):
    with RayRunner(config, AnswerStore(None), cluster, workers=1) as runner:
        start = runner._crew._start

        def start_dying() -> Any:
            worker = start()
            cluster.ray.kill(worker)
            return worker

        monkeypatch.setattr(runner._crew, "_start", start_dying)
        kill(runner)
        with pytest.raises(ClusterError, match="3 workers died over the same user's 3 questions") as caught:
            runner.run(local.split, CELLS)
    assert "lower --workers" in str(caught.value)


def test_a_replacement_must_find_the_same_models(cluster, config, local, tmp_path):
    copied = replace(config, models=tmp_path / "models")
    shutil.copytree(config.models, copied.models)
    with RayRunner(copied, AnswerStore(None), cluster, workers=1) as runner:
        runner.run(local.split, CELLS)
        shutil.rmtree(copied.models / "tiny-generator")
        kill(runner)
        with Runner(copied, AnswerStore(None)) as here, pytest.raises(NotFoundError) as expected:
            here.run(local.split, CELLS)
        with pytest.raises(NotFoundError) as arrived:
            runner.run(local.split, CELLS)
        assert type(arrived.value) is NotFoundError
        assert str(arrived.value) == str(expected.value)
        make_tiny_generator(copied.models / "tiny-generator", seed=5)
        with pytest.raises(ClusterError, match="the workers differ in their generator"):
            runner.run(local.split, CELLS)


def test_more_workers_than_cpus_are_refused(cluster, config):
    with pytest.raises(ClusterError, match="4 workers need 4 CPUs, but the cluster has 3"):
        RayRunner(config, AnswerStore(None), cluster, workers=4)


@pytest.mark.parametrize(
    ("threads", "workers", "message"), [(None, 2, "need a fixed number of threads"), (1, 0, "at least 1 worker, not 0")]
)
def test_what_is_misused_is_a_value_error(cluster, config, threads, workers, message):
    with pytest.raises(ValueError, match=message):
        RayRunner(replace(config, threads=threads), AnswerStore(None), cluster, workers=workers)


def test_a_process_has_one_cluster(cluster):
    with pytest.raises(ClusterError, match="this process uses Ray already"):
        Cluster(address=None, n_cpus=1)
    assert cluster.n_cpus() == 3


def test_the_command_joins_a_cluster_and_stands_the_loss_of_a_worker(cluster, config, tmp_path):
    asked = [question("LaMP_4", str(n), user=f"u{n}", n_entries=2) for n in range(8)]
    split = read_lamp_split(write_split(tmp_path / "data" / "LaMP_4", "LaMP_4", asked), "dev")
    answers, address = tmp_path / "answers.jsonl", cluster.ray.get_runtime_context().gcs_address
    models = ("--models", str(config.models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
    cells = ("--strategies", "bm25,dense", "--k", "1", "--decoding", "free", "--max-tokens", "4")
    files = ("--data", str(tmp_path / "data"), "--answers", str(answers))
    command = [sys.executable, "-c", "from export.cli.export import main; main()", "lamp", *files, *models, *cells]
    command += ["--workers", "1", "--address", address, "--json"]
    before = living(cluster)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not (answers.exists() and answers.read_bytes()):
            time.sleep(0.02)
        (worker,) = living(cluster) - before
        os.kill(worker, signal.SIGKILL)
        out, err = running.communicate()
    assert (running.returncode, "LaMP_4: 8 questions done" in err) == (0, True)
    document = json.loads(out)
    assert (document["about"]["workers"], document["about"]["threads"]) == (1, 1)
    with Runner(config, store := AnswerStore(None)) as runner:
        expected = rows_of(split, runner.run(split, CELLS))
    found = {(row["strategy"], row["history"], row["metric"]): row["value"] for row in document["rows"]}
    assert found == {(row.strategy, row.history, row.metric): row.value for row in expected}
    with AnswerStore(answers) as kept:
        assert texts(kept) == texts(store)


def test_ray_reports_nothing_and_asks_for_a_token(cluster):
    from ray._common.usage import usage_lib

    assert not usage_lib.usage_stats_enabled()
    assert os.environ[AUTHENTICATION] == "token"


def test_a_missing_extra_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"pip install 'ondevice-export\[ray\]'"):
        load_ray(is_ours=False)
