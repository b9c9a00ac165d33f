"""The page as a browser asks for it: one address that works once, a cookie, and a proof with every request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ondevice import receipt_from_json, verify_receipt
from ondevice.errors import InputError
from ondevice_integrations.server.credentials import Credentials, token_in
from tests.served_profiles import Served, make_served_profile, served

pytestmark = pytest.mark.loopback


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(make_served_profile(tmp_path_factory.mktemp("page"))) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: Served) -> Iterator[httpx.Client]:
    """Return a client that has opened the page, and sends what the page's script sends."""
    assert server.page.startswith(f"http://ondevice.localhost:{server.port}/open?ticket=")
    with httpx.Client(base_url=server.root, trust_env=False) as client:
        assert client.get("/").status_code == 401
        assert client.get("/open?ticket=wrong").status_code == 401
        entered = client.get(server.page.replace("ondevice.localhost", "127.0.0.1"))
        assert entered.status_code == 200
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        page = client.get("/").text
        client.headers["X-Ondevice-Proof"] = re.findall(r'name="proof" content="([^"]+)"', page)[0]
        yield client


def asked(browser: httpx.Client, action: str, **body: Any) -> Any:
    reply = browser.post(f"/page/{action}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_the_address_works_once_and_each_request_needs_its_proof(browser: httpx.Client, server: Served) -> None:
    again = httpx.get(server.page.replace("ondevice.localhost", "127.0.0.1"), trust_env=False)
    assert again.status_code == 401
    assert browser.post("/page/items", json={}, headers={"X-Ondevice-Proof": "x"}).status_code == 403
    cookies = dict(browser.cookies)
    without = httpx.post(f"{server.root}/page/items", json={}, cookies=cookies, trust_env=False)
    assert without.status_code == 403
    program = {"Authorization": f"Bearer {server.token}"}
    assert httpx.post(f"{server.root}/page/items", json={}, headers=program, trust_env=False).status_code == 401
    assert browser.get("/v1/models").status_code == 401, "the page's cookie is no token"
    assert browser.post("/page/items", json={}, headers={"Origin": "http://127.0.0.1:1"}).status_code == 403


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_script_of_an_item(browser: httpx.Client) -> None:
    page = browser.get("/")
    rules = page.headers["content-security-policy"]
    assert rules.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in rules
    script = browser.get("/page.js")
    assert script.headers["content-type"].startswith("text/javascript")
    for text in (page.text, script.text, browser.get("/style.css").text):
        assert re.findall(r"https?://|innerHTML|insertAdjacentHTML|style=|onclick=", text) == []


def test_every_field_and_button_of_the_page_has_a_name(browser: httpx.Client) -> None:
    page = browser.get("/").text
    assert len(re.findall(r"<(?:input|select)", page)) == len(re.findall(r"<label[^>]*>\w+ <(?:input|select)", page))
    assert all(text.strip() for text in re.findall(r"<button[^>]*>([^<]*)</button>", page))
    named = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'aria-labelledby="([^"]+)"', page)) <= named
    assert set(re.findall(r'at\("([^"]+)"\)', browser.get("/page.js").text)) <= named


def test_the_page_lists_searches_reads_answers_and_forgets(browser: httpx.Client) -> None:
    newest = asked(browser, "items")
    assert newest["kinds"] == {"mail": 1, "note": 1}
    assert [item["kind"] for item in asked(browser, "items", query="train to paris", kind="note")["items"]] == ["note"]
    assert asked(browser, "items", until="2000-01-01T00:00:00Z")["items"] == []
    (mail,) = asked(browser, "items", kind="mail")["items"]
    item = asked(browser, "item", id=mail["id"])
    assert (item["version"], [each["version"] for each in item["history"]]) == (2, [1])
    assert "alert(1)" in item["history"][0]["text"]

    answer = asked(browser, "ask", question="When does the train leave?")
    assert answer["text"] == "At 7."
    assert {source["kind"] for source in answer["sources"]} == {"mail", "note"}
    assert asked(browser, "learned") == {"learned": []}
    assert asked(browser, "audit") == {"flaws": [], "report": None}

    told = asked(browser, "forget", id=mail["id"])
    receipt = receipt_from_json(told["receipt"])
    assert told["verified"]
    assert receipt.item_ids == (mail["id"],)
    assert verify_receipt(receipt, public_key=told["key"])
    gone = browser.post("/page/item", json={"id": mail["id"]})
    assert gone.status_code == 404
    assert json.loads(gone.text)["error"]["type"] == "not_found_error"


def test_a_ticket_is_good_for_one_browser_and_a_wrong_guess_does_not_use_it_up() -> None:
    credentials = Credentials("token")
    ticket = credentials.issue_ticket()
    assert credentials.redeem("guess") is None
    session = credentials.redeem(ticket)
    assert session is not None
    assert credentials.redeem(ticket) is None
    assert credentials.session_of(session.cookie) is session
    assert credentials.session_of("other") is None
    assert ticket not in repr(credentials)
    assert session.cookie not in repr(session)


def test_a_token_that_others_may_read_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    token = token_in(file)
    assert token_in(file) == token
    file.chmod(0o644)
    with pytest.raises(InputError, match="others may read the token"):
        token_in(file)
    file.chmod(0o600)
    file.write_text("short\n")
    with pytest.raises(InputError, match="does not hold one token"):
        token_in(file)
    with pytest.raises(InputError, match="is no file"):
        token_in(tmp_path)
