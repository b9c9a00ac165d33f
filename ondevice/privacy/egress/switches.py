"""Packages that are known to report how they are used, and the switch that stops each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """How one package is told not to report.

    Args:
        module: The package, as it is imported.
        distribution: The same, as it is installed.
        off: Variable → values, in lower case, any of which switches reporting off.
        needs: Variables one of which must be set before it reports at all; none: it reports unless told otherwise.
        is_ours: Whether the SDK loads it, and then switches it off itself.
    """

    module: str
    distribution: str
    off: Mapping[str, tuple[str, ...]]
    needs: tuple[str, ...] = ()
    is_ours: bool = False

    def is_off(self, environment: Mapping[str, str]) -> bool:
        """Say whether the package reports nothing under these variables."""
        if self.needs and not any(environment.get(name) for name in self.needs):
            return True
        return any(environment.get(name, "").strip().lower() in values for name, values in self.off.items())

    @property
    def remedy(self) -> str:
        """The assignment that switches it off."""
        name, values = next(iter(self.off.items()))
        return f"{name}={values[0]}"


SWITCHES = (
    Switch(module="onnxruntime", distribution="onnxruntime", off={"ORT_DISABLE_TELEMETRY": ("1",)}, is_ours=True),
    Switch(
        module="huggingface_hub",
        distribution="huggingface_hub",
        off={"HF_HUB_DISABLE_TELEMETRY": _YES, "DISABLE_TELEMETRY": _YES, "DO_NOT_TRACK": _YES, "HF_HUB_OFFLINE": _YES},
    ),
    Switch(module="gradio", distribution="gradio", off={"GRADIO_ANALYTICS_ENABLED": ("false",)}),
    Switch(module="streamlit", distribution="streamlit", off={"STREAMLIT_BROWSER_GATHER_USAGE_STATS": ("false",)}),
    Switch(
        module="wandb",
        distribution="wandb",
        off={"WANDB_MODE": ("disabled", "offline", "dryrun"), "WANDB_DISABLED": _YES},
    ),
    Switch(module="sentry_sdk", distribution="sentry-sdk", off={"SENTRY_DSN": ("",)}, needs=("SENTRY_DSN",)),
    Switch(module="posthog", distribution="posthog", off={"POSTHOG_DISABLED": _YES}),
    Switch(
        module="opentelemetry",
        distribution="opentelemetry-sdk",
        off={"OTEL_SDK_DISABLED": _YES},
        needs=("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"),
    ),
    Switch(module="chromadb", distribution="chromadb", off={"ANONYMIZED_TELEMETRY": _NO}),
    Switch(module="mlflow", distribution="mlflow", off={"MLFLOW_DISABLE_TELEMETRY": _YES, "DO_NOT_TRACK": _YES}),
    Switch(module="ray", distribution="ray", off={"RAY_USAGE_STATS_ENABLED": ("0",)}),
    Switch(module="vllm", distribution="vllm", off={"VLLM_NO_USAGE_STATS": ("1",), "DO_NOT_TRACK": ("1",)}),
    Switch(
        module="langsmith",
        distribution="langsmith",
        off={"LANGSMITH_TRACING": _NO, "LANGCHAIN_TRACING_V2": _NO},
        needs=("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"),
    ),
)

BY_MODULE = {switch.module: switch for switch in SWITCHES}

_TAKEN_OUT = frozenset({
    "CI", "CONTINUOUS_INTEGRATION", "BUILD_ID", "BUILD_NUMBER", "TF_BUILD", "TRAVIS", "CIRCLECI", "APPVEYOR",
    "BUILDKITE", "JENKINS_URL", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "DRONE", "BITBUCKET_BUILD_NUMBER",
    "DO_NOT_TRACK", "DISABLE_TELEMETRY",
})  # fmt: skip
_TAKEN_OUT_IF = ("ORT_", "GITHUB_", "GITLAB_", "WANDB_", "SENTRY_", "OTEL_", "HF_HUB_", "HF_DATASETS_")
_TAKEN_OUT_WITH = ("TELEMETRY", "ANALYTICS", "USAGE_STATS", "NO_TRACK", "OFFLINE")


def without_switches(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without any that could keep a package from reporting, or tell it that it is under test.

    What is silent only because of them would talk on the user's machine.
    """
    switches = {name for switch in SWITCHES for name in switch.off}
    return {
        name: value
        for name, value in environment.items()
        if name not in _TAKEN_OUT | switches
        and not name.startswith(_TAKEN_OUT_IF)
        and not any(part in name for part in _TAKEN_OUT_WITH)
    }
