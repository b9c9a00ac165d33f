"""The command line: parse, call, draw progress, exit code. The only reader of environment variables."""

from ondevice.cli.app import app, main

__all__ = ["app", "main"]
