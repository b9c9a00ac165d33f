"""The server with real clients: OpenAI's own, one in JavaScript, and one that sends what it likes."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from ondevice import Personalizer
from ondevice_integrations.ledger import read_ledger
from tests.mcp_hosts import PASSPHRASE
from tests.served_profiles import (
    ENCODER,
    GENERATOR,
    Served,
    command,
    environment,
    make_served_profile,
    models_in,
    served,
)

pytestmark = pytest.mark.loopback
ANSWER = "At 7."
QUESTION = [{"role": "user", "content": "When does the train leave?"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_served_profile(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Served]:
    with served(folder) as running:
        yield running


@pytest.fixture
def client(server: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.base, api_key=server.token, max_retries=0) as made:
        yield made


def chat(**more: object) -> dict[str, object]:
    return {"model": GENERATOR, "messages": QUESTION, **more}


def send(server: Served, body: object, **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"} | headers
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(f"{server.base}/chat/completions", content=content, headers=given, trust_env=False)


def test_the_openai_client_lists_models_and_gets_an_answer_with_its_sources(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == [GENERATOR, ENCODER]
    reply = client.chat.completions.create(
        model=GENERATOR,
        messages=[
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Good day."},
            {"role": "user", "content": [{"type": "text", "text": "When does the train leave?"}]},
        ],
        max_completion_tokens=30,
        seed=7,
        n=1,
    )
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == (ANSWER, "stop")
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0
    extra = reply.model_extra
    assert extra is not None
    assert {source["kind"] for source in extra["ondevice"]["sources"]} == {"note", "mail"}
    assert "Paris" not in json.dumps(extra), "a source is named, not told"


@pytest.mark.parametrize(
    ("personal", "kinds"), [({"personalize": False}, []), ({"kinds": ["mail"]}, ["mail"]), ({"k": 1}, ["note"])]
)
def test_a_client_says_which_items_may_take_part(
    client: openai.OpenAI, personal: dict[str, object], kinds: list[str]
) -> None:
    reply = client.chat.completions.create(
        model=GENERATOR,
        messages=[{"role": "user", "content": "train to Paris"}],
        extra_body={"ondevice": personal},
    )
    assert reply.model_extra is not None
    assert [source["kind"] for source in reply.model_extra["ondevice"]["sources"]] == kinds


def test_the_openai_client_gets_a_stream_with_its_usage(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model=GENERATOR,
        messages=[{"role": "user", "content": "When does the train leave?"}],
        stream=True,
        stop=["."],
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == ANSWER.removesuffix(".")
    assert chunks[0].model_extra is not None
    assert len(chunks[0].model_extra["ondevice"]["sources"]) == 2
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:-1]] == ["stop"]
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.completion_tokens > 0


def test_an_answer_has_the_form_that_is_asked_for(client: openai.OpenAI) -> None:
    schema = {"type": "object", "properties": {"n": {"enum": [1]}}, "required": ["n"], "additionalProperties": False}
    reply = client.chat.completions.create(
        model=GENERATOR,
        messages=[{"role": "user", "content": "How many trains?"}],
        response_format={"type": "json_schema", "json_schema": {"name": "count", "schema": schema, "strict": True}},
    )
    assert json.loads(reply.choices[0].message.content or "") == {"n": 1}


def test_the_openai_client_gets_the_same_vectors_in_both_encodings(client: openai.OpenAI) -> None:
    texts = ["train to paris", "tea"]
    plain = client.embeddings.create(model=ENCODER, input=texts, encoding_format="float").data
    coded = client.embeddings.create(model=ENCODER, input=texts, encoding_format="base64").data
    assert [len(each.embedding) for each in plain] == [32, 32]
    for numbers, text in zip(plain, coded, strict=True):
        raw = base64.b64decode(str(text.embedding))
        assert list(struct.unpack("<32f", raw)) == numbers.embedding
    by_default = client.embeddings.create(model=ENCODER, input="tea").data[0].embedding
    assert by_default == pytest.approx(plain[1].embedding)
    with pytest.raises(openai.BadRequestError, match="have 32 numbers"):
        client.embeddings.create(model=ENCODER, input="tea", dimensions=8)


def test_a_client_in_javascript_reads_a_stream(server: Served) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("this system has no Node.js")
    script = """
    const [base, token, model] = process.argv.slice(1);
    const response = await fetch(`${base}/chat/completions`, {
      method: "POST", headers: {Authorization: `Bearer ${token}`, "Content-Type": "application/json"},
      body: JSON.stringify({model, stream: true, messages: [{role: "user", content: "When does the train leave?"}]}),
    });
    let text = "";
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) text += part;
    const events = text.trim().split("\\n\\n").map((line) => line.replace("data: ", ""));
    console.log(events.slice(0, -1).map((event) => JSON.parse(event).choices[0].delta.content ?? "").join(""));
    console.log(events.at(-1));
    """
    words = [node, "--input-type=module", "-e", script, server.base, server.token, GENERATOR]
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [ANSWER, "[DONE]"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"tools": [{"type": "function"}]}, "tools are not served"),
        ({"model": "gpt-4"}, "there is tiny-says"),
        ({"colour": "geheim"}, "'colour' is not known here"),
        ({"n": 2}, "'n': it should be 1"),
        ({"messages": []}, "'messages'"),
        ({"messages": [{"role": "assistant", "content": "geheim"}]}, "the last message must be the user's"),
        ({"messages": [{"role": "tool", "content": "geheim"}]}, "'messages.0.role'"),
        ({"temperature": "geheim"}, "'temperature'"),
        ({"response_format": {"type": "json_schema"}}, "json_schema is missing"),
        ({"max_tokens": 10**9}, "'max_tokens'"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_field_and_without_its_value(
    server: Served, more: dict[str, object], told: str
) -> None:
    reply = send(server, chat(**more))
    assert reply.status_code in (400, 404)
    assert told in reply.json()["error"]["message"]
    assert "geheim" not in reply.text


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"model": ', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"a": "' + b"x" * (1 << 20) + b'"}', {}, 413),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Authorization": "Bearer wrong"}, 401),
        (b"{}", {"Authorization": ""}, 401),
        (b"{}", {"Host": "evil.example"}, 421),
        (b"{}", {"Host": "localhost"}, 421),
        (b"{}", {"Origin": "http://evil.example"}, 403),
        (b"{}", {"Origin": "null"}, 403),
        (b"{}", {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_who_may_not_come_in_stays_outside(server: Served, body: bytes, headers: dict[str, str], status: int) -> None:
    reply = send(server, body, **headers)
    assert reply.status_code == status
    assert "error" in reply.json()
    assert not [name for name in reply.headers if name.startswith("access-control")]
    assert reply.headers["cache-control"] == "no-store"


def test_clients_that_hang_up_take_no_place_for_good(server: Served) -> None:
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer "
    body = json.dumps(chat(stream=True))
    whole = f"{head}{server.token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    for cut in (whole, whole[:-20], head):
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", server.port)) as caller:
                caller.sendall(cut.encode())
    with openai.OpenAI(base_url=server.base, api_key=server.token, max_retries=8) as client:
        reply = client.chat.completions.create(
            model=GENERATOR, messages=[{"role": "user", "content": "When does the train leave?"}]
        )
    assert reply.choices[0].message.content == ANSWER


def test_a_second_server_on_the_profile_ends_with_one_line(server: Served, folder: Path) -> None:
    second = subprocess.run(command(folder), capture_output=True, text=True, env=environment())
    assert (second.returncode, second.stdout) == (11, "")
    assert second.stderr.count("\n") == 1
    assert second.stderr.startswith("error: "), server.base


def test_a_server_that_is_told_to_end_unlocks_the_profile_and_has_written_nothing(tmp_path: Path) -> None:
    folder = make_served_profile(tmp_path)
    token = tmp_path / "token.txt"
    with served(folder, "--token-file", str(token)) as running:
        assert (running.token, token.stat().st_mode & 0o777) == ("", 0o600)
        headers = {"Authorization": f"Bearer {token.read_text().strip()}"}
        for more in ({}, {"stream": True}):
            reply = httpx.post(f"{running.base}/chat/completions", json=chat(**more), headers=headers, trust_env=False)
            assert reply.status_code == 200
        running.process.send_signal(signal.SIGTERM)
        out, err = running.process.communicate(timeout=60)
        assert (running.process.returncode, out, err) == (130, "", "")
    with Personalizer.open(folder / "me.profile", passphrase=PASSPHRASE, models=models_in(folder)) as me:
        noted = [(each.client, each.tool, each.n_items) for each in read_ledger(me)]
    assert noted == [("loopback", "chat", 2)] * 2
