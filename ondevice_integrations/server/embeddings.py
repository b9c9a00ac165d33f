"""``/v1/embeddings``: vectors of the profile's encoder, for texts that are searched or that search."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from ondevice_integrations.server.bodies import Body, read_body
from ondevice_integrations.server.conversation import require_model
from ondevice_integrations.server.desk import Desk
from ondevice_integrations.server.refusals import Refusal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ondevice import Personalizer

MAX_TEXTS = 256
_Text = Annotated[str, Field(min_length=1)]


class EmbeddingOptions(Body):
    """What OpenAI's protocol has no word for: some encoders read a text that searches in another way."""

    input_type: Literal["passage", "query"] = "passage"


class EmbeddingsBody(Body):
    """What ``/v1/embeddings`` takes."""

    model: str
    input: _Text | Annotated[list[_Text], Field(min_length=1, max_length=MAX_TEXTS)]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = None
    user: str | None = None
    ondevice: EmbeddingOptions = EmbeddingOptions()


async def embed(request: Request) -> JSONResponse:
    """Encode texts."""
    desk: Desk = request.app.state.desk
    body = await read_body(request, EmbeddingsBody)
    require_model(body.model, desk.encoder)
    texts = [body.input] if isinstance(body.input, str) else body.input
    vectors = await desk.do(lambda me: _encoded(me, texts, body))
    data = [{"object": "embedding", "index": place, "embedding": each} for place, each in enumerate(vectors)]
    usage = {"prompt_tokens": 0, "total_tokens": 0}  # the encoder does not count them
    return JSONResponse({"object": "list", "model": body.model, "data": data, "usage": usage})


def _encoded(me: Personalizer, texts: list[str], body: EmbeddingsBody) -> list[Any]:
    encoder = me.encoders.encoder()
    if body.dimensions not in (None, encoder.dim):
        raise Refusal(400, f"the vectors of this model have {encoder.dim} numbers", param="dimensions")
    encode = encoder.encode_queries if body.ondevice.input_type == "query" else encoder.encode_passages
    return [_written(vector, body.encoding_format) for vector in encode(texts)]


def _written(vector: NDArray[np.float32], form: str | None) -> Any:  # noqa: ANN401 - a text or numbers
    """Write a vector down; in base64 it is float32, the lowest byte first."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode() if form == "base64" else vector.tolist()
