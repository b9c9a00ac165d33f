"""GGUF files that exist in memory only: what is personal is read from bytes and written to bytes, never to a file."""

from __future__ import annotations

import io
import struct
from collections import OrderedDict
from typing import Any

import numpy as np

from ondevice.errors import CorruptError

try:
    import gguf
    from gguf.gguf_writer import WriterState
except ImportError:
    raise ImportError(
        "adapters are read and written with the extra 'adapt': run: pip install 'ondevice-sdk[adapt]'"
    ) from None

_HEADER = struct.Struct("<4sIQQ")
_MAGIC, _VERSION = b"GGUF", 3


def read_gguf(data: bytes) -> Any:  # noqa: ANN401 - gguf's reader
    """Return a reader of a GGUF file's bytes, as llama.cpp and the library write them (version 3, little-endian).

    Raises:
        CorruptError: If they are cut short or damaged.
    """
    try:
        return _reader(data)
    except (ValueError, IndexError, KeyError, OverflowError, TypeError, struct.error):
        raise CorruptError(f"the GGUF file of {len(data)} bytes is damaged or cut short") from None


def gguf_bytes(writer: gguf.GGUFWriter) -> bytes:
    """Return the file that a writer without a path has been told to write."""
    # The writer opens a path, or goes on with the file it has been given; only its last step, which hands NumPy the
    # file's descriptor, cannot do without a real file, so the tensors are appended here.
    stream = io.BytesIO()
    writer.fout, writer.state = [stream], WriterState.EMPTY
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.write_padding(stream, stream.tell())
    for info in writer.tensors[0].values():
        stream.write(np.ascontiguousarray(info.tensor).data)
        writer.write_padding(stream, info.nbytes)
    return stream.getvalue()


def _reader(data: bytes) -> Any:  # noqa: ANN401 - gguf's reader
    magic, version, n_tensors, n_fields = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != _VERSION:
        raise ValueError
    # The library's reader begins by mapping a file; this is what it does then.
    reader: Any = object.__new__(gguf.GGUFReader)
    reader.data = np.frombuffer(data, dtype=np.uint8)
    reader.fields, reader.tensors = OrderedDict(), []
    offset = reader._build_fields(_HEADER.size, n_fields)
    offset, infos = reader._build_tensor_info(offset, n_tensors)
    field = reader.get_field("general.alignment")
    if field is not None:
        reader.alignment = int(field.contents())
    reader._build_tensors(-(-offset // reader.alignment) * reader.alignment, infos)
    return reader
