"""What a recipe computes on other classes of CPU: cosines to PyTorch on this one, without AVX-512, and without VNNI.

    python -m benchmarks.cpu_classes CHECKPOINT [--recipes int8-smooth,int8-smooth-7bit] [--emulate avx512,avx2]

The checkpoint is a sentence encoder's folder; the texts are the gate's own. Linux on x86-64 with VNNI, gdb and objdump.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from export.conversion.onnx.checkpoint import read_checkpoint
from export.conversion.onnx.encoder_bench import EncoderBench, set_up_encoder
from export.conversion.onnx.quantize import apply_recipe
from export.conversion.onnx.recipes import recipe_named
from export.gate.emulation import measure_emulated
from export.gate.texts import built_in_texts
from export.gate.vectors import measure_vectors
from ondevice.bundle import FileEntry, Manifest, write_manifest

RECIPES = "int8-dynamic-tensor,int8-dynamic,int8-dynamic-7bit,uint8-dynamic,int8-smooth,int8-smooth-7bit"
N_TEXTS = 32


def main() -> None:
    """Print one row for each recipe and class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--recipes", default=RECIPES)
    parser.add_argument("--emulate", default="avx512,avx2")
    options = parser.parse_args()
    texts = built_in_texts()
    print("| recipe | CPU | cosine, mean | cosine, worst | across CPUs, worst |\n|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="ondevice-cpus-") as scratch:
        bench = set_up_encoder(read_checkpoint(options.checkpoint), Path(scratch), texts=texts)
        few = bench.texts[:: len(bench.texts) // N_TEXTS][:N_TEXTS]
        for name in options.recipes.split(","):
            folder = _bundle(bench, name)
            with bench.open(folder / "model.onnx") as encoder:
                here = measure_vectors(bench.reference, encoder, few)
            cpu = here.results()[0].cpu
            print(f"| {name} | {cpu} | {here.cosine_mean:.4f} | {here.cosine_worst:.4f} | |", flush=True)
            for other in options.emulate.split(","):
                found = measure_emulated(bench.reference, folder, few, emulate=other)
                there, across = found.to_reference, found.to_native.cosine_worst
                print(
                    f"| {name} | {found.cpu} | {there.cosine_mean:.4f} | {there.cosine_worst:.4f} | {across:.4f} |",
                    flush=True,
                )


def _bundle(bench: EncoderBench, recipe: str) -> Path:
    folder = bench.folder / recipe
    folder.mkdir()
    apply_recipe(bench.fp32, recipe_named(recipe), folder / "model.onnx", bench.calibration)
    shutil.copy(bench.tokenizer, folder / "tokenizer.json")
    files = {"model": FileEntry.measure(folder, "model.onnx"), "tokenizer": FileEntry.measure(folder, "tokenizer.json")}
    manifest = Manifest(
        kind="encoder", name="tried", version="0", license="none", source=recipe, files=files, encoder=bench.spec
    )
    write_manifest(folder, manifest)
    return folder


if __name__ == "__main__":
    main()
