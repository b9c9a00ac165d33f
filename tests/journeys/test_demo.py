"""The demonstration with the real models: personal answers, nothing readable, one item gone for good."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ondevice.generation.prompts.refusal import refuses
from ondevice.safety.temporary_folder import CONTENT, PREFIX

ROOT = Path(__file__).parent.parent.parent
HISTORY = ROOT / "ondevice" / "cli" / "demo_history.jsonl"


def demo(tmp: Path, models: Path, *options: str) -> subprocess.Popen[str]:
    """Start the demonstration with a temporary folder that can be looked into."""
    tmp.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "ondevice.cli", "demo", "--models", str(models), *options],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp), "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_interrupts,
    )


def hear_interrupts() -> None:
    """Undo what a shell does to its background jobs: they start with Ctrl-C ignored, and so would the child."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, default_models: Path) -> dict[str, Any]:
    tmp = tmp_path_factory.mktemp("demo") / "tmp"
    process = demo(tmp, default_models, "--json")
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert list(tmp.iterdir()) == []
    document: dict[str, Any] = json.loads(out)
    return document


@pytest.mark.parametrize(
    ("number", "fact"), [(0, "17 September"), (1, "16 May"), (2, "Okoye"), (3, "green tea"), (5, "6:50")]
)
def test_only_the_personalized_answer_knows_the_fact_and_names_its_item(
    shown: dict[str, Any], number: int, fact: str
) -> None:
    answer = shown["answers"][number]
    assert fact.casefold() in answer["personalized"].casefold()
    assert fact not in answer["plain"]
    texts = {hit["item"]["id"]: hit["item"]["text"] for hit in shown["sources"][number]}
    assert any(fact in texts[item_id] for item_id in shown["cited"][number])


def test_what_no_item_says_is_not_answered(shown: dict[str, Any]) -> None:
    assert refuses(shown["answers"][4]["personalized"])
    assert shown["cited"][4] == []


def test_no_word_is_readable_on_disk_at_any_moment(shown: dict[str, Any]) -> None:
    assert shown["plaintext_found"] == 0
    assert len(shown["scans"]) == 4
    assert all(scan["n_files"] >= 2 and scan["n_bytes"] > 50_000 and scan["n_pieces"] > 500 for scan in shown["scans"])


def test_what_is_forgotten_is_gone_and_the_receipt_says_so(shown: dict[str, Any]) -> None:
    assert shown["receipt"]["verified"]
    assert shown["receipt_signature_valid"]
    assert shown["receipt"]["item_ids"] == [shown["forgotten"]["item_id"]]
    assert shown["forgotten"]["gone"]
    assert "6:50" in shown["forgotten"]["answer_before"]
    # On another processor a small model may put parts of other notes together instead of refusing.
    assert not {"6:50", "23 July"} & set(re.findall(r"\d+:\d+|\d+ \w+", shown["forgotten"]["answer_after"]))


def test_timings_are_given_for_every_answer(shown: dict[str, Any]) -> None:
    parts = {"retrieve", "prompt", "read", "generate", "total"}
    assert all(set(each["personalized"]) == parts for each in shown["timings_ms"]["answers"])


def test_the_history_is_one_person_s_and_dated(shown: dict[str, Any]) -> None:
    rows = [json.loads(line) for line in HISTORY.read_text("utf-8").splitlines()]
    assert shown["n_items"] == len(rows) >= 60
    assert {row["kind"] for row in rows} == {"note", "email", "message", "task", "journal"}
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)


def begun_demo(tmp: Path, models: Path) -> subprocess.Popen[str]:
    """Start it, and wait until its profile is there."""
    process = demo(tmp, models)
    deadline = time.monotonic() + 60
    while not list(tmp.glob(f"{PREFIX}*/{CONTENT}/demo.profile/epoch-1/profile.db")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    return process


def test_interrupted_it_leaves_nothing_behind(tmp_path: Path, default_models: Path) -> None:
    tmp = tmp_path / "tmp"
    process = begun_demo(tmp, default_models)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    # Python ends itself by the signal, and a shell says 130 too, where Ctrl-C struck while a library had code executed.
    assert process.returncode in (130, -signal.SIGINT), err
    assert list(tmp.iterdir()) == []
    assert err.splitlines()[-1] == "error: interrupted"
    assert "KeyboardInterrupt" not in err  # Python itself may tell of a file that an import left open


def test_what_it_leaves_when_it_is_killed_goes_with_the_next_command(tmp_path: Path, default_models: Path) -> None:
    tmp = tmp_path / "tmp"
    process = begun_demo(tmp, default_models)
    process.kill()
    process.communicate(timeout=60)
    assert list(tmp.iterdir()) != []
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp)}
    doctor = [sys.executable, "-m", "ondevice.cli", "doctor", "--profile", str(tmp_path / "none.profile")]
    subprocess.run(doctor, env=env, capture_output=True, timeout=60, check=False)
    assert list(tmp.iterdir()) == []


def test_without_models_it_says_how_to_get_them(tmp_path: Path) -> None:
    process = demo(tmp_path / "tmp", tmp_path / "no models", "--json")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 6
    assert "ondevice-models fetch" in json.loads(out)["error"]["hint"]
