from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from export.errors import DatasetError
from export.gate.reading import read_retrieval_data
from ondevice.errors import NotFoundError

CORPUS = '{"id": "p1", "text": "one"}\n\n{"_id": "p2", "title": "Two", "text": "two", "metadata": {}}\n'
QUERIES = '{"id": "q1", "text": "first"}\n{"_id": "q2", "text": "second", "candidates": ["p2"]}\n'
QRELS = "query-id\tcorpus-id\tscore\nq1\tp1\t2\nq1\tp2\t0\nq2\tp2\t1\n"


def write(folder: Path, *, corpus: str = CORPUS, queries: str = QUERIES, qrels: str | None = QRELS) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "corpus.jsonl").write_text(corpus)
    (folder / "queries.jsonl").write_text(queries)
    if qrels is not None:
        (folder / "qrels.tsv").write_text(qrels)
    return folder


def test_a_judged_folder(tmp_path: Path) -> None:
    data = read_retrieval_data(write(tmp_path / "mine"))
    assert data.name == "mine"
    assert data.passages == ["one", "Two two"]
    assert data.queries == ["first", "second"]
    assert data.candidates == [[0, 1], [1]]
    assert data.relevant == [frozenset({0}), frozenset({1})]


def test_without_judgements_and_packed(tmp_path: Path) -> None:
    write(tmp_path, qrels=None)
    packed = gzip.compress((tmp_path / "corpus.jsonl").read_bytes())
    (tmp_path / "corpus.jsonl").unlink()
    (tmp_path / "corpus.jsonl.gz").write_bytes(packed)
    data = read_retrieval_data(tmp_path)
    assert data.relevant is None
    assert len(data.queries) == 2


def test_queries_without_anything_relevant_are_counted(tmp_path: Path) -> None:
    data = read_retrieval_data(write(tmp_path, qrels="q1\tp1\t1\nq2\tp2\t0\n"))
    assert (data.queries, data.n_left_out) == (["first"], 1)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"corpus": "{\n"}, "corpus.jsonl, line 1: the line is not valid JSON"),
        ({"corpus": "[]\n"}, "corpus.jsonl, line 1: the line must be an object"),
        ({"corpus": '{"text": "secret"}\n'}, "corpus.jsonl, line 1: the field 'id'"),
        ({"corpus": '{"id": "p1", "text": " "}\n'}, "corpus.jsonl, line 1: the field 'text'"),
        ({"corpus": '{"id": "p1", "title": 3, "text": "secret"}\n'}, "corpus.jsonl, line 1: the field 'title'"),
        ({"corpus": CORPUS + '{"id": "p1", "text": "x"}\n'}, "corpus.jsonl, line 4: the id stands in the file before"),
        ({"queries": '{"id": "q1"}\n'}, "queries.jsonl, line 1: the field 'text'"),
        ({"queries": '{"id": "q", "text": "x", "candidates": []}\n'}, "queries.jsonl, line 1: the field 'candidates'"),
        (
            {"queries": '{"id": "q", "text": "x", "candidates": ["p9", "p1"]}\n', "qrels": None},
            "query 'q': 1 of its 2 candidates are no passage's id",
        ),
        ({"qrels": "q1 p1 1\n"}, "qrels.tsv, line 1: it has 1 fields, not 3"),
        ({"qrels": "q1\tp1\t1\nq9\tp1\t1\n"}, "qrels.tsv, line 2: the first field is no query's id"),
        ({"qrels": "q1\tp9\t1\n"}, "qrels.tsv, line 1: the second field is no passage's id"),
        ({"qrels": "q1\tp1\tgood\n"}, "qrels.tsv, line 1: the third field, the score, must be a whole number"),
        ({"qrels": "q1\tp1\t0\n"}, "has no query"),
    ],
)
def test_a_file_of_another_form_names_the_file_the_line_and_the_field(
    tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    with pytest.raises(DatasetError, match=reason) as caught:
        read_retrieval_data(write(tmp_path, **files))
    assert "secret" not in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (write(tmp_path) / "corpus.jsonl").write_bytes(b'{"id": "p1", "text": "\xff"}\n')
    with pytest.raises(DatasetError, match=r"corpus.jsonl, line 1: the line is not UTF-8"):
        read_retrieval_data(tmp_path)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (write(tmp_path) / name).unlink()
    with pytest.raises(NotFoundError, match=f"has no {name}"):
        read_retrieval_data(tmp_path)
