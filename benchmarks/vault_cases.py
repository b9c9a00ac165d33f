"""What the encrypted profile costs: opening, adding, forgetting with a receipt."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import corpus
from benchmarks.measure import Row, alternate, summarize, time_ms
from benchmarks.plain_store import PlainStore, plain_store
from benchmarks.profiles import KEY, filled
from ondevice import Personalizer, Receipt
from ondevice.bundle import Bundle
from ondevice.config import DEFAULT_ENCODER
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.vault import Vault

_APP_KEY = KEY.key

Store = Vault | PlainStore
Work = Callable[[], object]


def run(models: Path) -> Iterator[Row]:
    """Measure opening at 10k items, adding, and forgetting 1 and 100 of 5,000."""
    encoder = Encoder.open(Bundle.open(models / DEFAULT_ENCODER, kind="encoder"))
    with tempfile.TemporaryDirectory() as folder:
        yield _open(Path(folder) / "open", encoder)
        yield from _add(Path(folder) / "add", encoder, models)
        yield from _add_many(Path(folder) / "many", encoder, models)
        yield from _forget(Path(folder) / "forget", encoder, models)
    yield from _encryption()
    encoder.close()


def _open(path: Path, encoder: Encoder) -> Row:
    filled(path, 10_000, encoder_id=encoder.id, dim=encoder.dim).close()
    samples = []
    for _ in range(20):
        opened: list[Personalizer] = []
        samples.append(time_ms(lambda: opened.append(Personalizer.open(path, app_key=_APP_KEY))))  # noqa: B023
        opened[0].close()
    return summarize(samples, case="open with a key", condition="10,000 items", aim=50.0)


def _add(path: Path, encoder: Encoder, models: Path) -> Iterator[Row]:
    filled(path, 5_000, encoder_id=encoder.id, dim=encoder.dim).close()
    texts = iter([draft.text for draft in corpus.drafts(400, seed=5)])
    with Personalizer.open(path, app_key=_APP_KEY, models=models) as me:
        me.search("warm up")

        def both() -> tuple[float, float]:
            text = next(texts)
            return time_ms(lambda: me.add(text)), time_ms(lambda: encoder.encode_passages([text]))

        pairs = [both() for _ in range(200)]
    yield summarize([pair[0] for pair in pairs], case="add one item", condition="into 5,000 items")
    yield summarize([pair[1] for pair in pairs], case="encoder alone", condition="the same texts")
    extra = [whole - encoding for whole, encoding in pairs]
    yield summarize(extra, case="add one item beyond its encoding", condition="into 5,000 items", aim=3.0)


def _add_many(path: Path, encoder: Encoder, models: Path) -> Iterator[Row]:
    drafts = corpus.drafts(10_000, seed=6)
    with Personalizer.create(path / "real", app_key=_APP_KEY, models=models) as me:
        whole = time_ms(lambda: me.add_many(drafts)) / 1e3
    yield summarize([whole], case="add 10,000 items", condition="with encoding", unit="s")
    stored = time_ms(lambda: filled(path / "given", 10_000, encoder_id=encoder.id, dim=encoder.dim).close()) / 1e3
    yield summarize([stored], case="add 10,000 items", condition="vectors given", unit="s")


def _forget(path: Path, encoder: Encoder, models: Path) -> Iterator[Row]:
    filled(path, 5_000 + 20 * 100, encoder_id=encoder.id, dim=encoder.dim).close()
    with Personalizer.open(path, app_key=_APP_KEY, models=models) as me:
        me.search("warm up")
        ids = iter([item.id for item in me.items.list(limit=None)])
        for count, times, aim in ((1, 20, None), (100, 15, 300.0)):
            samples = []
            for _ in range(times):
                chosen = [next(ids) for _ in range(count)]
                receipts: list[Receipt] = []
                samples.append(time_ms(_forget_into, me, chosen, receipts))
                if not receipts[0].verified:
                    raise SystemExit("a receipt was not verified: the figure would mean nothing")
            yield summarize(
                samples, case=f"forget {count} with a verified receipt", condition="of 5,000 to 7,000 items", aim=aim
            )


def _encryption() -> Iterator[Row]:
    """Compare writing, reading and searching with the same store on plain SQLite, in turns."""
    with (
        tempfile.TemporaryDirectory() as folder,
        filled(Path(folder) / "sealed", 2_000, encoder_id="given") as sealed,
        plain_store(Path(folder) / "plain", 2_000, encoder_id="given") as plain,
    ):
        for name, (n, make) in _STORE_WORK.items():
            work, plain_work = make(sealed), make(plain)
            first, second = alternate(partial(time_ms, work), partial(time_ms, plain_work), n=n)
            yield summarize(first, case=name, condition="encrypted, 2,000 items")
            yield summarize(second, case=name, condition="the same store on plain SQLite")
            ratios = [a / b for a, b in zip(first, second, strict=True)]
            yield summarize(ratios, case=name, condition="encrypted ÷ plain", unit="ratio")


def _forget_into(me: Personalizer, ids: list[str], receipts: list[Receipt]) -> None:
    receipts.append(me.forget(ids))


def _put_one(store: Store) -> Work:
    drafts, rows = iter(corpus.drafts(300, seed=8)), corpus.vectors(1, seed=8)
    return lambda: store.items.put_many([next(drafts)], vectors={"given": rows})


def _get_many(store: Store) -> Work:
    ids = [item.id for item in store.items.list(limit=200)]
    return lambda: [store.items.get(item_id) for item_id in ids]


def _match(store: Store) -> Work:
    return lambda: store.lexical.match(["garden", "landlord", "concert", "risotto"], filter=None, limit=10)


def _load(store: Store) -> Work:
    return lambda: store.vectors.load("given")


_STORE_WORK: dict[str, tuple[int, Callable[[Store], Work]]] = {
    "put one item": (200, _put_one),
    "get 200 items": (20, _get_many),
    "match four words": (50, _match),
    "load all vectors": (20, _load),
}
