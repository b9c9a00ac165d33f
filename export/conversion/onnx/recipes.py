"""How a float32 graph is made small and fast: each way is a recipe, a plain value that a manifest can name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scheme = Literal["float", "dynamic", "static", "blocks"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """One way to quantize.

    Args:
        name: Short; it stands in tables and manifests.
        scheme: ``float`` (products stay float32), ``dynamic`` (int8 products, activations measured at run time),
            ``static`` (int8 products, activations measured beforehand on calibration texts), ``blocks`` (weights in
            blocks of 32, each with its scale; activations in int8 blocks too).
        bits: Bits of a weight, 8 or 4; 4 only in blocks.
        weights: Whether int8 weights have a sign.
        per_channel: Whether every column of a matrix has its own scale.
        reduce_range: Whether weights take 7 bits only, so that 16-bit sums cannot overflow on CPUs without VNNI.
        smoothing: Whether outlier channels of activations move into the weights. Needs calibration texts. (After
            SmoothQuant, Xiao et al. 2022, arXiv:2211.10438.)
        tables: How embedding tables are stored: ``float``, ``half``, or ``int8`` with a scale for every row.
        half: Whether matrices that stay float32 in use are stored as float16.
        excluded: Names of the product nodes that stay float32.
    """

    name: str
    scheme: Scheme
    bits: Literal[4, 8] = 8
    weights: Literal["int8", "uint8"] = "int8"
    per_channel: bool = True
    reduce_range: bool = False
    smoothing: bool = False
    tables: Literal["float", "half", "int8"] = "int8"
    half: bool = False
    excluded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse combinations that mean nothing."""
        if self.bits == 4 and self.scheme != "blocks":
            raise ValueError(f"4 bits are for the scheme 'blocks', not {self.scheme!r}")
        if self.smoothing and self.scheme not in ("dynamic", "static"):
            raise ValueError(f"smoothing is for int8 activations, not for the scheme {self.scheme!r}")

    @property
    def needs_calibration(self) -> bool:
        """Whether texts must be given to make it."""
        return self.scheme == "static" or self.smoothing

    def describe(self) -> str:
        """Return the recipe in one line, for a manifest."""
        parts = [f"scheme {self.scheme}"]
        if self.scheme != "float":
            parts.append(f"{self.bits}-bit weights" if self.scheme == "blocks" else f"{self.weights} weights")
        if self.scheme in ("dynamic", "static"):
            parts.append("a scale for every column" if self.per_channel else "one scale for a matrix")
            parts += ["7-bit range"] if self.reduce_range else []
            parts += ["outliers smoothed"] if self.smoothing else []
        parts.append(f"{self.tables} tables")
        parts += ["float16 storage"] if self.half else []
        parts += [f"float32 kept for {', '.join(self.excluded)}"] if self.excluded else []
        return f"{self.name}: {', '.join(parts)}"


RECIPES: tuple[Recipe, ...] = (
    Recipe(name="fp32", scheme="float", tables="float"),
    Recipe(name="fp16-weights", scheme="float", tables="half", half=True),
    Recipe(name="int8-dynamic-tensor", scheme="dynamic", per_channel=False),
    Recipe(name="int8-dynamic", scheme="dynamic"),
    Recipe(name="int8-dynamic-7bit", scheme="dynamic", reduce_range=True),
    Recipe(name="uint8-dynamic", scheme="dynamic", weights="uint8"),
    Recipe(name="int8-smooth", scheme="dynamic", smoothing=True),
    Recipe(name="int8-smooth-7bit", scheme="dynamic", smoothing=True, reduce_range=True),
    Recipe(name="int8-static", scheme="static"),
    Recipe(name="int8-static-smooth", scheme="static", smoothing=True),
    Recipe(name="int8-blocks", scheme="blocks"),
    Recipe(name="int4-blocks", scheme="blocks", bits=4),
)


def recipe_named(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises:
        ValueError: If there is none; it names them all.
    """
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    raise ValueError(f"there is no recipe {name!r}; there are: {', '.join(recipe.name for recipe in RECIPES)}")
