"""The modules of Python through which a program reaches the network, by their names."""

from __future__ import annotations

MODULES = frozenset({
    "_socket", "_ssl", "asynchat", "asyncio", "asyncore", "ftplib", "http.client", "http.server", "imaplib", "nntplib",
    "poplib", "smtpd", "smtplib", "socket", "socketserver", "ssl", "telnetlib", "urllib.request", "urllib.robotparser",
    "webbrowser", "wsgiref", "xmlrpc", "aiohttp", "anyio", "boto3", "botocore", "curl_cffi", "datasets", "dns",
    "fastapi", "flask", "grpc", "h11", "h2", "httpcore", "httplib2", "httpx", "huggingface_hub", "mlflow",
    "opentelemetry", "paramiko", "pip", "posthog", "pycurl", "ray", "requests", "sentry_sdk", "starlette", "tornado",
    "trio", "twisted", "urllib3", "uvicorn", "wandb", "websocket", "websockets", "zmq",
})  # fmt: skip
"""A module below one of these counts as well."""


def network_module(name: str) -> str | None:
    """Return which of the modules a name is or lies below; ``None`` for any other."""
    parts = name.split(".")
    below = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return next((part for part in below if part in MODULES), None)
