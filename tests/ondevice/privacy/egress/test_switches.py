"""Which variables keep a package silent, and that the watched job gets none of them."""

from __future__ import annotations

import pytest

from ondevice.privacy.egress.switches import BY_MODULE, SWITCHES, Switch, without_switches
from ondevice.retrieval.encoding.session import TELEMETRY_OFF


@pytest.mark.parametrize("switch", SWITCHES, ids=[switch.module for switch in SWITCHES])
def test_a_remedy_switches_off_and_is_taken_out(switch: Switch) -> None:
    name, _, value = switch.remedy.partition("=")
    needed = dict.fromkeys(switch.needs, "https://example.invalid")
    assert not switch.is_off(needed)
    assert switch.is_off({**needed, name: value})
    assert without_switches({name: value, "PATH": "/bin"}) == {"PATH": "/bin"}


def test_onnxruntimes_switch_is_the_one_that_the_sdk_sets() -> None:
    assert BY_MODULE["onnxruntime"].is_off({TELEMETRY_OFF: "1"})
    assert not BY_MODULE["onnxruntime"].is_off({TELEMETRY_OFF: "0"})


def test_nothing_tells_the_job_that_it_is_under_test() -> None:
    told = {"CI": "true", "GITHUB_ACTIONS": "true", "ORT_ANYTHING": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
    assert without_switches({**told, "HOME": "/home/me"}) == {"HOME": "/home/me"}
