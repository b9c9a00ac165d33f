"""What a worker says when something goes wrong in it, without any Ray."""

from __future__ import annotations

import pickle
from pathlib import Path

from export.errors import ClusterError
from export.evaluation.worker import Worker
from ondevice.errors import NotFoundError
from ondevice.evaluation.conditions import conditions_for
from ondevice.evaluation.lamp_data import read_lamp_split
from ondevice.evaluation.plan import RunConfig
from tests.ondevice.evaluation.lamp_files import question, write_split
from tests.tiny_generator import make_tiny_generator

CELLS = conditions_for("LaMP_4", strategies=["bm25"], ks=[1], decodings=["free"])


def worker_with(models: Path) -> Worker:
    config = RunConfig(models=models, generator="tiny-generator", encoder=None, max_tokens=4, threads=1)
    return Worker(config, {}, None)


def test_what_was_answered_before_an_error_is_kept(tmp_path):
    make_tiny_generator(tmp_path / "models" / "tiny-generator")
    worker = worker_with(tmp_path / "models")
    folder = write_split(tmp_path / "LaMP_4", "LaMP_4", [question("LaMP_4", "1")])
    worker.hold(read_lamp_split(folder, "dev"))
    reply = worker.answer([0, 7], CELLS)
    assert list(reply.answered) == [0]
    assert len(reply.new) == 2
    assert type(reply.error) is ClusterError
    assert reply.error.message.startswith("a worker failed with IndexError at ")
    assert reply.error.message.rpartition(":")[2].isdigit()
    assert set(reply.made_with) == {"ondevice-sdk", "generator", "adapter"}


def test_the_next_reply_holds_only_its_own_answers(tmp_path):
    make_tiny_generator(tmp_path / "models" / "tiny-generator")
    worker = worker_with(tmp_path / "models")
    folder = write_split(tmp_path / "LaMP_4", "LaMP_4", [question("LaMP_4", str(n)) for n in range(2)])
    worker.hold(read_lamp_split(folder, "dev"))
    first, second, again = worker.answer([0], CELLS), worker.answer([1], CELLS), worker.answer([0, 1], CELLS)
    assert first.error is second.error is again.error is None
    assert not set(first.new) & set(second.new)
    assert again.new == {}


def test_errors_of_ours_keep_class_and_hint_on_their_way(tmp_path):
    worker = worker_with(tmp_path)
    assert worker.answer([0], CELLS).error is not None  # no data yet
    folder = write_split(tmp_path / "LaMP_4", "LaMP_4", [question("LaMP_4", "1")])
    worker.hold(read_lamp_split(folder, "dev"))
    error = worker.answer([0], CELLS).error
    assert type(error) is NotFoundError
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived), arrived.hint) == (NotFoundError, str(error), error.hint)
