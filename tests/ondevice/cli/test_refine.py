"""``ondevice refine``: a refinement's life from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer
from tests.command_line import Run
from tests.tiny_refinement import keep_refinement


def opened(profile: Path, code: str, models: Path) -> Personalizer:
    return Personalizer.open(
        profile,
        recovery_code=code,
        models=ModelSet(models, encoder="tiny-encoder", generator="tiny-generator", engine=EngineConfig(threads=1)),
    )


@pytest.fixture
def mails(profile: Path, code: str, app_models: Path) -> list[str]:
    """Put mails into the profile, and return their ids."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with opened(profile, code, app_models) as me:
        return [
            me.add(f"coffee {day}", kind="email", fields={"title": f"Rain {day}"}, time=start + timedelta(days=day)).id
            for day in range(11)
        ]


def test_learn_tells_what_came_of_it(with_models: Run, mails: list[str]) -> None:
    words = ("refine", "learn", "--task", "LaMP_6", "--pairs", "8", "--candidates", "2")
    ran = with_models(*words, "--json")
    assert ran.code == 0, ran.err
    report = ran.document["report"]
    assert (report["n_prompts"], report["task"]) == (16, "LaMP_6")
    assert ran.document["has_gained"] == with_models("refine", "status", "--json").document["status"]["is_in_use"]
    shown = with_models(*words)
    assert shown.code == 0, shown.err
    for part in ("held-out loss", "first hit's reward", "16 prompts"):
        assert part in shown.out


def test_use_status_and_drop(with_models: Run, mails: list[str], profile: Path, code: str, app_models: Path) -> None:
    assert "no refinement: ondevice refine learn" in with_models("refine", "status").out
    missing = with_models("search", "coffee", "--retriever", "refined", "--json")
    assert (missing.code, missing.document["error"]["type"]) == (6, "NotFoundError")
    assert "ondevice refine learn" in missing.document["error"]["hint"]
    with opened(profile, code, app_models) as me:
        keep_refinement(me, mails[:3])
    status = with_models("refine", "status").out
    for part in ("in use", "tiny-generator", "0.500 → 0.400 nats", "bytes, sealed"):
        assert part in status
    assert with_models("search", "coffee", "--retriever", "refined").code == 0
    assert "dropped" in with_models("refine", "drop").out
    assert with_models("refine", "drop").code == 6


def test_forgetting_says_so(with_models: Run, mails: list[str], profile: Path, code: str, app_models: Path) -> None:
    with opened(profile, code, app_models) as me:
        keep_refinement(me, mails[:3])
    receipt = with_models("forget", mails[0], "--json").document["receipt"]
    assert receipt["verified"]
    assert {"kind": "refinement", "name": "queries@1", "outcome": "dropped", "count": 1} in receipt["artifacts"]


def test_too_little_and_misuse(with_models: Run, mails: list[str]) -> None:
    assert with_models("refine", "learn", "--task", "LaMP_6", "--kind", "note").code == 14
    assert with_models("refine", "learn", "--task", "LaMP_9").code == 2
    assert with_models("refine", "learn", "--pairs", "2").code == 2
