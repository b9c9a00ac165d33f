"""A header of a stranger's: read as far as it is true, refused where it claims what cannot be."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from export.adding.gguf_header import CutHeaderError, read_header
from export.errors import AddError
from tests.tiny_generator import make_tiny_generator
from tests.tiny_gguf import chat_values, header, text, write

HONEST = header(chat_values())


def test_the_header_of_a_real_file_is_read_as_the_gguf_package_wrote_it(tmp_path: Path) -> None:
    import gguf

    path = make_tiny_generator(tmp_path / "model").file("model")
    read, written = read_header(path), gguf.GGUFReader(path)
    assert read.architecture == "llama"
    assert read.number("llama.context_length") == 1024
    assert read.text("tokenizer.chat_template") == written.fields["tokenizer.chat_template"].contents()
    assert read.values["tokenizer.ggml.tokens"] == range(len(written.fields["tokenizer.ggml.tokens"].contents()))
    assert read.n_tensors == len(written.tensors)
    assert read.n_parameters == sum(int(tensor.n_elements) for tensor in written.tensors)


def keyed(key: str, kind: int, rest: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text(key) + struct.pack("<I", kind) + rest


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no GGUF file"),
        (b"PK\x03\x04" + bytes(99), "no GGUF file"),
        (header({}, version=1), "of version 1"),
        (b"GGUF" + struct.pack(">I", 3) + bytes(99), "of version another byte order"),
        (header({}, n_keys=2**63), "claims 9,223,372,036,854,775,808 keys"),
        (header({}, n_tensors=2**40), "claims 1,099,511,627,776 tensors"),
        (header(chat_values(), axes=(1 << 20, 1 << 20)), "weights in"),
        (header(chat_values(), axes=(1,) * 9), "a tensor has 9 axes"),
        (keyed("a", 8, struct.pack("<Q", 2**62)), "bytes in a text"),
        (keyed("a", 9, struct.pack("<IQ", 8, 2**62)), "values in a list"),
        (keyed("a", 9, struct.pack("<IQ", 9, 1)), "a list holds values of the unknown kind 9"),
        (keyed("a", 77, b""), "of the unknown kind 77"),
        (keyed("a", 4, b""), "ends within its header"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + (text("a") + struct.pack("<II", 4, 1)) * 2, "the key 'a' twice"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(AddError, match=why):
        read_header(write(tmp_path, data))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(4, len(HONEST) - 1), byte=st.integers(0, 255), cut=st.integers(0, len(HONEST)))
def test_a_damaged_header_is_read_or_refused_and_nothing_else(tmp_path: Path, place: int, byte: int, cut: int) -> None:
    damaged = bytearray(HONEST)
    damaged[place] = byte
    for data in (bytes(damaged), HONEST[:cut]):
        with suppress(AddError):
            read_header(write(tmp_path, data))


def test_of_a_file_that_is_arriving_a_cut_header_says_nothing(tmp_path: Path) -> None:
    arriving = write(tmp_path, HONEST[:200])
    with pytest.raises(CutHeaderError):
        read_header(arriving, n_bytes=1 << 30)
    assert read_header(write(tmp_path, HONEST[:-1000]), n_bytes=len(HONEST)).n_parameters == 32


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.gguf")
    with pytest.raises(AddError, match="no regular file"):
        read_header(tmp_path / "model.gguf")
