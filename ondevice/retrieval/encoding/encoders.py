"""Which encoders a profile works with besides its own, and whose vectors each of them searches.

An encoder either encodes passages too, and then has vectors and an index of its own, or it encodes queries alone and
searches the vectors that another encoder of the profile made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from ondevice.bundle.listing import kind_of
from ondevice.bundle.model_set import ModelFolder
from ondevice.config import RETRIEVERS, WITHOUT_ENCODER
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.records import ArtifactOutcome
from ondevice.retrieval.encoding.former import kept_encoder
from ondevice.safety.once import OnceEach

if TYPE_CHECKING:
    from ondevice.bundle import Bundle, EncoderSpec
    from ondevice.retrieval.encoding.encoder import Encoder
    from ondevice.retrieval.encoding.selector import CrossEncoder

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """The retrievers that a selector chooses among here.

    Args:
        names: Those that can be had, in the order of its manifest.
        left_out: Those that cannot, with the reason.
    """

    names: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


class Encoders:
    """The encoders and the selector of one profile by name, opened when they are first needed.

    Threads may use it at once: each model is loaded by whichever asks first, and nobody waits for another's loading.
    """

    def __init__(
        self,
        folder: ModelFolder,
        *,
        lender: Encoders | None = None,
        open_encoder: Callable[[Bundle], Encoder] | None = None,
        made: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """Look at what was declared; nothing is opened.

        Args:
            folder: Where the bundles lie.
            lender: Keeps the loaded models for several profiles.
            open_encoder: Opens an encoder's bundle in a way of its own.
            made: Tells by encoder how many vectors the profile has; by default there are none.

        Raises:
            ValueError: If an encoder has the name of a built-in retriever.
        """
        self.models = folder.models
        taken = [name for name in self.models.retrievers if name in RETRIEVERS]
        if taken:
            raise ValueError(f"{taken[0]!r} is a built-in retriever: retrievers= takes the names of further encoders")
        self._folder = folder
        self._lender = lender
        self._open_encoder = open_encoder
        self._made = made
        self._base: tuple[str | None] | None = None
        self._encoders: OnceEach[Encoder] = OnceEach()
        self._selectors: OnceEach[CrossEncoder] = OnceEach()
        self._pool: Pool | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def has_base(self) -> bool:
        """Whether there is an encoder for ``dense`` and ``hybrid``."""
        return self.models.encoder is not None

    @property
    def base(self) -> str | None:
        """The profile's own encoder: the one asked for, or the former default that its vectors are of."""
        found = self._base
        if found is None:
            asked = self.models.encoder
            found = (kept_encoder(asked, self._made(), self._folder.path),)
            self._base = found
        return found[0]

    @property
    def is_former(self) -> bool:
        """Whether the profile works with a former default encoder, and may move to the present one."""
        return self.base != self.models.encoder

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Work with the encoder that was asked for; where the block fails, with what the vectors then are of."""
        self._base = (self.models.encoder,)
        try:
            yield
        except BaseException:
            self._base = None
            raise

    @property
    def has_any(self) -> bool:
        """Whether items may need vectors."""
        return bool(self._declared() or self._further())

    def retriever_names(self) -> tuple[str, ...]:
        """Return the names of all retrievers that can be had, the built-in ones first."""
        return tuple(dict.fromkeys([*(RETRIEVERS if self.has_base else WITHOUT_ENCODER), *self._further()]))

    def is_declared(self, name: str) -> bool:
        """Whether ``name`` is a further encoder of this profile."""
        return name in self.models.retrievers or name in self._further()

    def require_retriever(self, name: str) -> None:
        """Make sure that a retriever of this name can be had.

        Raises:
            ValueError: If there is no such retriever, or it needs an encoder that is not there.
        """
        if name in (RETRIEVERS if self.has_base else WITHOUT_ENCODER) or self.is_declared(name):
            return
        reason = "needs an encoder" if name in RETRIEVERS else "is unknown"
        raise ValueError(f"the retriever {name!r} {reason}: choose one of {', '.join(self.retriever_names())}")

    def bundle(self, name: str | None = None) -> Bundle:
        """Return an encoder's verified bundle without loading the model; the profile's own where none is named.

        Raises:
            ValueError: If there is no encoder, or the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used.
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        wanted = self.base if name is None else name
        if wanted is None:
            raise ValueError("this profile was opened with encoder=None, so it has no vectors")
        return self._folder.bundle(wanted, "encoder")

    def encoder(self, name: str | None = None) -> Encoder:
        """Return an encoder, loading it at the first call; raises as :meth:`bundle`."""
        bundle = self.bundle(name)
        if self._lender is not None:
            return self._lender.encoder(self.base if name is None else name)
        return self._encoders.get(bundle.id, lambda: self._if_open(lambda: self._load(bundle)))

    def selector_bundle(self) -> Bundle:
        """Return the selector's verified bundle without loading the model.

        Raises:
            ValueError: If there is no selector, or the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used, or names no retrievers to choose among.
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        if self.models.selector is None:
            raise ValueError("this profile was opened without a selector: name its bundle in ModelSet(selector=…)")
        bundle = self._folder.bundle(self.models.selector, "selector")
        if bundle.selector is None or not bundle.selector.pool:
            raise BundleError(
                f"the selector {self.models.selector!r} names no retrievers to choose among",
                hint="take a selector whose manifest has a pool, as RSPG trains them",
            )
        return bundle

    def selector(self) -> CrossEncoder:
        """Return the selector, loading it at the first call; raises as :meth:`selector_bundle`."""
        from ondevice.retrieval.encoding.selector import CrossEncoder

        bundle = self.selector_bundle()
        if self._lender is not None:
            return self._lender.selector()
        return self._selectors.get(bundle.id, lambda: self._if_open(lambda: CrossEncoder.open(bundle)))

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Drop the words that tokenizers keep, because of forgotten items."""
        keeper = self._lender or self
        n_kept = sum(each.forget() for each in keeper._encoders.made())
        n_kept += sum(each.forget() for each in keeper._selectors.made())
        return ArtifactOutcome(
            kind="tokenizers", name="in memory", outcome="cleared" if n_kept else "absent", count=n_kept
        )

    def close(self) -> None:
        """Free its own models for good; one that cannot be freed is told of when the others have been."""
        self._is_closed = True
        with ExitStack() as stack:
            for encoder in self._encoders.take_all():
                stack.callback(encoder.close)
            for selector in self._selectors.take_all():
                stack.callback(selector.close)

    def source(self, name: str | None = None) -> Bundle:
        """Return the bundle of the encoder whose vectors an encoder searches: mostly its own.

        Raises:
            ModelMismatchError: If it searches the vectors of an encoder that the profile does not work with.
            ValueError, NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`bundle`.
        """
        bundle = self.bundle(name)
        passages = _spec(bundle).passages
        if passages is None:
            return bundle
        maker = self._makers([*self._declared(), *self._further()]).get(passages)
        if maker is None:
            raise ModelMismatchError(
                f"the encoder {bundle.name!r} searches the vectors of {passages!r}, which no encoder of this profile "
                "makes",
                hint="open the profile with that encoder too, in encoder= or in retrievers=",
            )
        found = self.bundle(maker)
        if _spec(found).dim != _spec(bundle).dim:
            raise ModelMismatchError(
                f"the encoder {bundle.name!r} gives {_spec(bundle).dim} numbers, but searches vectors of "
                f"{_spec(found).dim}",
                hint="take a release of it that was trained for these vectors",
            )
        return found

    def of_passages(self) -> list[Encoder]:
        """Return the encoders that every item needs a vector of, each once; loads them.

        Raises:
            ModelMismatchError: If an encoder searches vectors that nobody makes.
            ValueError, NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`bundle`.
        """
        names = [*self._declared(), *self._further()]
        for name in names:
            self.source(name)  # one that searches what nobody makes is told of now, not at the first search
        return [self.encoder(name) for name in self._makers(names).values()]

    def making_passages_for(self, name: str | None) -> Encoder:
        """Return the encoder of the vectors that a further encoder searches, or the profile's own where none is named.

        Raises:
            ValueError: If the profile has no encoder of that name.
            ModelMismatchError: As :meth:`source`.
        """
        if name is not None and name != self.base and not self.is_declared(name):
            further = ", ".join(self._further()) or "it was opened with none, see retrievers="
            raise ValueError(f"{name!r} is no further encoder of this profile: {further}")
        source = self.source(name)
        names = [*self._declared(), *self._further()]
        return self.encoder(self._makers(names)[source.id])

    def maker_of(self, encoder_id: str) -> str:
        """Return the name of the profile's encoder that has this id, and makes passages' vectors.

        Raises:
            ModelMismatchError: If the profile works with none.
            NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`bundle`.
        """
        name = self._makers([*self._declared(), *self._further()]).get(encoder_id)
        if name is None:
            raise ModelMismatchError(
                f"the items' vectors must be of the encoder {encoder_id!r}, which the profile was not opened with",
                hint="open the profile with that encoder, in encoder= or in retrievers=",
            )
        return name

    def pool(self) -> Pool:
        """Return what the profile's selector chooses among.

        Raises:
            ValueError: If there is no selector.
            NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`selector_bundle`.
        """
        with self._lock:
            if self._pool is None:
                self._pool = self._look_up_pool()
            return self._pool

    def _look_up_pool(self) -> Pool:
        spec = self.selector_bundle().selector
        left_out: dict[str, str] = {}
        named = [] if spec is None else list(spec.pool)
        there = [*self._declared()]
        for name in named:
            if name in RETRIEVERS:
                if name not in WITHOUT_ENCODER and not self.has_base:
                    left_out[name] = "the profile was opened without an encoder"
            elif name not in there and kind_of(self._folder.path, name) is None:
                left_out[name] = "there is no such model in the models' folder"
            else:
                there.append(name)
        made = self._makers(there)
        for name in named:
            if name in RETRIEVERS or name in left_out or name in self._declared():
                continue
            passages = _spec(self.bundle(name)).passages
            if passages is not None and passages not in made:
                left_out[name] = f"it searches the vectors of {passages}, with which the profile was not opened"
        return Pool(names=tuple(name for name in named if name not in left_out), left_out=left_out)

    def _load(self, bundle: Bundle) -> Encoder:
        from ondevice.retrieval.encoding.encoder import Encoder

        return (self._open_encoder or Encoder.open)(bundle)

    def _if_open(self, load: Callable[[], T]) -> T:
        """Load nothing that nobody would close."""
        self._check_open()
        return load()

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("the profile is closed")
        if self._lender is not None and self._lender._is_closed:
            raise ValueError("the shared models are closed: close them after the profiles")

    def _declared(self) -> list[str]:
        """Return the encoders that the app named."""
        base = self.base
        return list(dict.fromkeys([*([] if base is None else [base]), *self.models.retrievers]))

    def _further(self) -> list[str]:
        """Return the encoders that are retrievers of their own name: those given, and those of the selector's pool."""
        pool = () if self.models.selector is None else self.pool().names
        return list(dict.fromkeys([*self.models.retrievers, *(name for name in pool if name not in RETRIEVERS)]))

    def _makers(self, names: list[str]) -> dict[str, str]:
        """Return by id the names of those that encode passages."""
        bundles = {name: self.bundle(name) for name in names}
        return {bundle.id: name for name, bundle in bundles.items() if _spec(bundle).passages is None}


def _spec(bundle: Bundle) -> EncoderSpec:
    if bundle.encoder is None:
        raise bundle.wrong_kind("encoder")
    return bundle.encoder
