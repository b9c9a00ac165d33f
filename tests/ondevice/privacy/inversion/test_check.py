"""The check reads a real profile's vectors and a persona's rows, says how much, and never what."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ondevice import Draft, ModelSet, Personalizer
from ondevice.bundle import Bundle
from ondevice.privacy.findings import Section
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault
from tests.ondevice.privacy.sections import sections_of
from tests.tiny_models import WORDS, make_tiny_encoder
from tests.tiny_persona import make_tiny_persona

KEY = AppKey(b"k" * 32)
MARKER = "zanzibarquokka"
CONTENT = [word for word in WORDS[20:-12] if len(word) > 2]

Made = tuple[Path, ModelSet]


def fill(profile: Path, models: ModelSet, texts: Sequence[str]) -> Path:
    with Personalizer.create(profile, app_key=b"k" * 32, models=models) as me:
        me.add_many([Draft(text=text) for text in texts])
    return profile


def made_up(n: int) -> list[str]:
    source = random.Random(1)
    return [" ".join([MARKER, *source.sample(CONTENT, 6)]) for _ in range(n)]


def audited(profile: Path, models: ModelSet, *, deep: bool = True) -> Section:
    (section,) = [
        each
        for each in sections_of(profile, KEY, models=models, checks=["inversion"], deep=deep)
        if each.name == "inversion"
    ]
    return section


def codes(section: Section) -> list[str]:
    return [finding.code for finding in section.findings]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> ModelSet:
    folder = tmp_path_factory.mktemp("models")
    encoder = make_tiny_encoder(folder / "tiny-encoder")
    make_tiny_persona(folder / "tiny-persona", encoder=encoder.id, bases=["0" * 64])
    return ModelSet(folder, encoder="tiny-encoder", generator=None)


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory, models: ModelSet) -> Path:
    return fill(tmp_path_factory.mktemp("profile") / "me.profile", models, made_up(120))


@pytest.fixture(scope="module")
def seen(profile: Path, models: ModelSet) -> Section:
    return audited(profile, replace(models, persona="tiny-persona"))


def test_vectors_and_rows_are_read_and_that_is_noted(seen: Section) -> None:
    assert codes(seen) == ["inversion/words-recovered", "inversion/items-told"]
    assert seen.verdict == "noted"
    facts = {fact.name: fact.value for fact in seen.facts}
    by_vector, by_chance = (
        facts["tiny-encoder: words recovered by 10 guesses"],
        facts["tiny-encoder: the same by chance"],
    )
    assert isinstance(by_vector, float)
    assert isinstance(by_chance, float)
    assert by_vector > 0.3 > 0.15 > by_chance
    assert facts["tiny-encoder: vectors of another text"] == 0
    assert facts["tiny-persona: histories of 8 items attacked"] == 15
    (plot,) = seen.plots
    assert plot.lines[0][0] == "own vector"
    assert [x for x, _ in plot.lines[0][1]] == [1, 2, 5, 10, 20, 50]
    assert any("2310.06816" in limit for limit in seen.not_tested)


def test_coarser_vectors_are_read_too(seen: Section) -> None:
    (table,) = [table for table in seen.tables if "coarser" in table.title]
    assert [row[0] for row in table.rows] == ["32 bits, as stored", "8 bits", "1 bit"]
    shares = [row[1] for row in table.rows]
    assert shares[1] == pytest.approx(shares[0], abs=0.03)


def test_no_word_of_the_users_is_told(seen: Section) -> None:
    assert seen.findings
    said = repr(seen).lower()
    assert not [word for word in (MARKER, *CONTENT) if f" {word} " in said or word.encode().hex() in said]
    assert MARKER not in said


def test_the_profile_stays_as_it_is_and_nothing_is_left(
    profile: Path, models: ModelSet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(profile.rglob("*")) if path.is_file()}

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = state()
    held: list[Path] = []

    def look(_done: int, _total: int) -> None:
        held.extend(path for path in tmp_path.rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes())

    sections_of(profile, KEY, models=models, checks=["inversion"], deep=True, on_progress=look)
    assert held == []
    assert state() == before
    assert list(tmp_path.iterdir()) == []


def test_a_quick_audit_says_that_it_did_not_look(profile: Path, models: ModelSet) -> None:
    section = audited(profile, models, deep=False)
    assert section.verdict == "not run"
    assert "deep" in section.not_tested[0]


def swapped(vectors: np.ndarray) -> None:
    vectors[[0, 1]] = vectors[[1, 0]]


def text_in_numbers(vectors: np.ndarray) -> None:
    raw = (MARKER * 20).encode()[: vectors[0].nbytes]
    vectors[:2] = np.frombuffer(raw, np.float32)


def of_zeros(vectors: np.ndarray) -> None:
    vectors[:2] = 0


@pytest.mark.parametrize("plant", [swapped, text_in_numbers, of_zeros])
def test_vectors_that_are_not_of_their_text_are_found(
    tmp_path: Path, models: ModelSet, plant: Callable[[np.ndarray], None]
) -> None:
    profile = fill(tmp_path / "me.profile", models, made_up(8))
    with Vault.open(profile, KEY) as vault:
        (encoder_id,) = vault.vectors.encoders()
        rows, vectors, _ = vault.vectors.load(encoder_id)
        plant(vectors)
        vault.vectors.put(encoder_id, rows, vectors)
    (finding,) = [each for each in audited(profile, models).findings if each.code == "inversion/other-text"]
    assert finding.level == "medium"
    assert finding.text.startswith("2 of 8 ")


def test_bytes_that_are_no_numbers_are_found(tmp_path: Path, models: ModelSet) -> None:
    profile = fill(tmp_path / "me.profile", models, made_up(8))
    with Vault.open(profile, KEY) as vault, vault.vectors._database.writing() as connection:
        (length,) = connection.execute("SELECT length(vector) FROM vectors").fetchone()
        connection.execute("UPDATE vectors SET vector = ? WHERE row = 1", (b"\xff" * length,))
    (finding,) = [each for each in audited(profile, models).findings if each.code == "inversion/other-text"]
    assert finding.text.startswith("1 of 8 ")


def test_an_attack_that_reads_nothing_says_so(tmp_path: Path, models: ModelSet) -> None:
    # The tiny encoder knows none of these words, nor most of the invented texts'.
    source = random.Random(2)
    texts = ["".join(source.sample("bcdfghklmnprstvz", 7)) for _ in range(12)]
    section = audited(fill(tmp_path / "me.profile", models, texts), models)
    assert codes(section) == ["inversion/weak-instrument"]


def test_vectors_without_their_model_are_told(profile: Path, models: ModelSet) -> None:
    for others in (replace(models, encoder=None), replace(models, encoder="no-such-encoder")):
        section = audited(profile, others)
        assert codes(section) == ["inversion/not-attacked"]
        assert section.tables == ()


def test_a_persona_that_cannot_be_tried_is_told(tmp_path: Path, profile: Path, models: ModelSet) -> None:
    missing = audited(profile, replace(models, persona="no-such-persona"))
    assert "inversion/not-attacked" in codes(missing)
    few = audited(fill(tmp_path / "me.profile", models, made_up(9)), replace(models, persona="tiny-persona"))
    assert any("rows of tiny-persona: fewer than 40 items" in limit for limit in few.not_tested)
    assert "inversion/items-told" not in codes(few)


def test_rows_that_are_nobodys_tell_nothing(profile: Path, models: ModelSet) -> None:
    folder = Path(str(models.folder))
    spec = Bundle.open(folder / "tiny-persona", kind="persona").persona
    assert spec is not None
    nobodys = replace(spec, null_score=1000.0)
    make_tiny_persona(folder / "nobodys", encoder=spec.encoder, bases=spec.bases, name="nobodys", spec=nobodys)
    found = codes(audited(profile, replace(models, persona="nobodys")))
    assert found == ["inversion/words-recovered", "inversion/weak-instrument"]


def test_an_empty_profile_has_nothing_to_read(tmp_path: Path, models: ModelSet) -> None:
    section = audited(fill(tmp_path / "me.profile", models, []), models)
    assert section.verdict == "passed"
    assert "vectors: this profile has none" in section.not_tested
