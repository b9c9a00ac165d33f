"""What recipes are tried on: a checkpoint in PyTorch, its float32 graph, and what the two are compared on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, Literal, TypeVar

from export.conversion.onnx.calibration import Calibration
from export.conversion.onnx.checkpoint import HubCheckpoint
from ondevice.bundle import EncoderSpec, GateResult, SelectorSpec
from ondevice.bundle.probes import EncoderProbes, SelectorProbes

Ran = TypeVar("Ran")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench(ABC, Generic[Ran]):
    """Everything that recipes are tried with; what is tried is an encoder or a selector.

    Args:
        checkpoint: What is converted.
        folder: Where the graphs and ``tokenizer.json`` are.
        torch: The original in PyTorch.
        calibration: What recipes that need it are calibrated on.
    """

    kind: ClassVar[Literal["encoder", "selector"]]
    # What speed is counted in, and how much of it a call of :meth:`timed` works on.
    unit: ClassVar[str]
    n_timed: ClassVar[int]
    # The measure that is the higher, the nearer a graph is to the original.
    nearest_by: ClassVar[str]
    # The columns of a report, and the measures that stand in them.
    measures: ClassVar[Mapping[str, str]]
    # Whether an int8 recipe outside the bounds is tried again with its most sensitive products in float32.
    excludes_products: ClassVar[bool]

    checkpoint: HubCheckpoint
    folder: Path
    torch: Ran
    calibration: Calibration

    @property
    def fp32(self) -> Path:
        """The float32 graph."""
        return self.folder / "original.onnx"

    @property
    def tokenizer(self) -> Path:
        """The bundle's ``tokenizer.json``."""
        return self.folder / "tokenizer.json"

    @property
    @abstractmethod
    def data_name(self) -> str:
        """What to call the data in the results of speed."""

    @property
    @abstractmethod
    def spec(self) -> EncoderSpec | SelectorSpec:
        """How a device must treat the converted graph."""

    @abstractmethod
    def open(self, graph: Path) -> AbstractContextManager[Ran]:
        """Load a graph as a device does. The caller closes."""

    @abstractmethod
    def measure(self, converted: Ran) -> list[GateResult]:
        """Compare a loaded graph with the original."""

    @abstractmethod
    def timed(self, model: Ran) -> Callable[[], object]:
        """Return a call that lets a loaded graph, or the original, do what speed is measured on."""

    @abstractmethod
    def probes(self, graph: Path) -> EncoderProbes | SelectorProbes:
        """Return what a device may compare the graph with, see :mod:`ondevice.bundle.probes`."""
