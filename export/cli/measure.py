"""``ondevice-export parity``: measure a bundle that exists already against its original."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from export.cli.data_in import names_of, read_groups, read_retrieval, read_texts
from export.cli.options import ActivationOption, BoundOption, JsonOption, LimitOption, parse_bounds, parse_data
from export.cli.terminal import Terminal
from export.cli.views import gate_table


class EmulatedChoice(StrEnum):
    """The CPUs that another one can stand for."""

    HASWELL = "haswell"
    AVX2 = "avx2"
    AVX512 = "avx512"


def parity(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The bundle's folder.")],
    reference: Annotated[
        Path, typer.Option("--reference", metavar="PATH", help="The original that it was converted from.")
    ],
    base: Annotated[
        Path | None, typer.Option("--base", metavar="BUNDLE", help="The base model, where an adapter is measured.")
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar="KIND:PATH",
            help="lamp:DIR, locomo:DIR or retrieval:DIR (encoder), pairs:FILE (selector), text:FILE; repeatable.",
        ),
    ] = None,
    limit: LimitOption = None,
    activation: ActivationOption = None,
    emulate: Annotated[
        EmulatedChoice | None,
        typer.Option("--emulate", help="Run an encoder as on this CPU (haswell by qemu, the others by gdb)."),
    ] = None,
    bound: BoundOption = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the results into the manifest, if they keep to the bounds.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure a bundle on this machine against its original, and hold it to its recorded bounds and those given.

    A bundle that was never measured, or never on this class of CPU, gets its results with --write; publish needs them.
    """
    from export.gate.bounds import Bounds

    bounds = parse_bounds(bound, Bounds())
    specs = parse_data(data, "lamp", "locomo", "retrieval", "pairs", "text")
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.gate.bounds import check
        from export.publishing import ParityData, hold_to_recorded, measure_bundle, record
        from ondevice.bundle import read_manifest
        from ondevice.bundle.places import resolve

        manifest = read_manifest(resolve(bundle))
        # What an encoder is to rank on gives a language model its texts.
        texts_from = [each for each in specs if each.kind == "text" or manifest.kind in ("generator", "adapter")]
        given = ParityData(
            retrieval=read_retrieval(specs, limit=limit) if manifest.kind == "encoder" else (),
            groups=read_groups(specs),
            texts=read_texts(texts_from, limit=limit) or (),
            texts_name=names_of(texts_from),
            base=base,
            activation=activation,
            emulate=None if emulate is None else emulate.value,
        )
        with terminal.progress(bundle.name, is_bytes=False) as on_progress:
            measured = measure_bundle(bundle, reference, data=given, on_progress=on_progress)
        results = hold_to_recorded(check(measured, bounds), manifest.gate)
        if write:
            record(bundle, results)
        gate = [asdict(each) for each in results]
        terminal.result({"bundle": bundle, "is_written": write, "gate": gate}, gate_table(results))
