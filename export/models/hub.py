"""The model hub: one file by HTTPS, going on where an earlier try stopped."""

from __future__ import annotations

import json
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from export.errors import FetchError
from export.models.placing import OnProgress, size_of, writing
from export.models.registry import HubSource, RegisteredFile
from ondevice.errors import NotFoundError

if TYPE_CHECKING:
    import httpx

RESUME_HINT = "run the same command again: it goes on where it stopped"
MOST_ANSWER_BYTES = 16 << 20
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """How the hub is reached.

    Args:
        endpoint: The hub's address.
        certificates: A file of certificate authorities; ``None`` takes the platform's usual ones.
        use_environment: Whether proxies and certificates may come from environment variables.
        connect_s: Seconds until a host that does not answer counts as unreachable.
        read_s: Seconds of silence after which a connection counts as cut.
        attempts: How often a cut connection is taken up again.
    """

    endpoint: str = "https://huggingface.co"
    certificates: Path | None = None
    use_environment: bool = False
    connect_s: float = 5.0
    read_s: float = 60.0
    attempts: int = 4


class Hub:
    """An open way to the hub; close it, or use it in a ``with`` block. Not for several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client: httpx.Client | None = None
        self.is_reachable = True

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def download(self, source: HubSource, file: RegisteredFile, part: Path, on_progress: OnProgress) -> None:
        """Bring ``part`` to the file's size, keeping the bytes it already has; the hash is the caller's to check.

        Raises:
            FetchError: If the hub cannot be reached, refuses, offers another size, or the connection keeps breaking.
            StorageError: If the disk refuses.
            ImportError: If the extra with the HTTP client is not installed.
        """
        client = self._open()
        import httpx

        url = self.address(f"{source.repo}/resolve/{source.revision}/{quote(source.path)}")
        for _ in range(self._connection.attempts):
            if size_of(part) > file.bytes:
                part.unlink()
            if size_of(part) == file.bytes:
                return
            try:
                self._receive(client, url, file, part, on_progress)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol):
                self.is_reachable = False
                raise FetchError("the model hub cannot be reached") from None
            except httpx.TransportError:
                continue
            except httpx.HTTPError as error:
                raise FetchError(f"the model hub's answer cannot be used: {type(error).__name__}") from None
        if size_of(part) != file.bytes:
            raise FetchError(
                f"the connection to the model hub kept breaking; {size_of(part)} of {file.bytes} bytes are here",
                hint=RESUME_HINT,
            )

    def address(self, path: str) -> str:
        """Return the address of what lies at ``path`` on the hub."""
        return f"{self._connection.endpoint.rstrip('/')}/{path}"

    def ask(self, path: str) -> dict[str, Any]:
        """Return the JSON object that the hub's interface answers with.

        Raises:
            NotFoundError: If there is no such thing.
            FetchError: If the hub cannot be reached, refuses, or answers something else.
            ImportError: If the extra with the HTTP client is not installed.
        """
        client = self._open()
        import httpx

        try:
            with client.stream("GET", self.address(path)) as response:
                if response.status_code in (401, 403):
                    raise FetchError(
                        "the model hub lets only people in who have an account, or says that there is no such model",
                        hint="accept its terms there, save the file with your browser, and run: "
                        "ondevice-models add FILE",
                    )
                if response.status_code == 404:
                    raise NotFoundError("the model hub has no such repository or revision")
                if response.status_code != 200:
                    raise FetchError(f"the model hub answered {response.status_code}")
                said = bytearray()
                for chunk in response.iter_bytes():
                    said += chunk
                    if len(said) > MOST_ANSWER_BYTES:
                        raise FetchError("the model hub's answer is too long")
            answer = json.loads(said)
        except httpx.TransportError:
            self.is_reachable = False
            raise FetchError(
                "the model hub cannot be reached", hint="get the file in another way, and run: ondevice-models add FILE"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
            raise FetchError("the model hub's answer cannot be used") from None
        if not isinstance(answer, dict):
            raise FetchError("the model hub's answer cannot be used")
        return answer

    def _open(self) -> httpx.Client:
        try:
            import httpx
        except ImportError:
            raise ImportError("downloading needs httpx: run pip install ondevice-export") from None
        if self._client is None:
            settings = self._connection
            try:
                verify = ssl.create_default_context(cafile=settings.certificates) if settings.certificates else True
            except OSError:
                raise FetchError(f"the certificate file {settings.certificates} cannot be read") from None
            self._client = httpx.Client(
                verify=verify,
                trust_env=settings.use_environment,
                timeout=httpx.Timeout(settings.read_s, connect=settings.connect_s),
                follow_redirects=True,
                headers={"Accept-Encoding": "identity", "User-Agent": "ondevice-models"},
            )
        return self._client

    def _receive(
        self, client: httpx.Client, url: str, file: RegisteredFile, part: Path, on_progress: OnProgress
    ) -> None:
        have = size_of(part)
        headers = {"Range": f"bytes={have}-"} if have else {}
        with client.stream("GET", url, headers=headers) as response:
            if response.status_code == 416:
                part.unlink()
                return
            start = _start_of(response, file)
            if start not in (0, have):
                raise FetchError(f"the model hub sent bytes from {start} on, but {have} was asked")
            with writing(f"the file {file.path!r}"), part.open("ab" if start else "wb") as out:
                done = start
                for chunk in response.iter_bytes():
                    out.write(chunk)
                    done += len(chunk)
                    if done > file.bytes:
                        break
                    on_progress(done, file.bytes)
        if done > file.bytes:
            part.unlink()
            raise FetchError(f"the model hub sent more than the {file.bytes} bytes that are pinned for {file.path!r}")


def _start_of(response: httpx.Response, file: RegisteredFile) -> int:
    """Return the offset of the answer's first byte, having compared the size the hub announces with the pinned one."""
    if response.status_code == 206:
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if match is None:
            raise FetchError("the model hub sent a part of the file without saying which")
        start, total = int(match[1]), match[2]
    elif response.status_code == 200:
        start, total = 0, response.headers.get("Content-Length", "*")
    else:
        raise FetchError(f"the model hub answered {response.status_code} for {file.path!r}")
    if total.isdecimal() and int(total) != file.bytes:
        raise FetchError(f"the model hub offers {total} bytes for {file.path!r}, but the pinned file has {file.bytes}")
    return start
