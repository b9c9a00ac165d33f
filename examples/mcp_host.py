"""What a host of the Model Context Protocol does with a profile: start ``ondevice-mcp``, search, and read the reply.

Run it with ``python examples/mcp_host.py [PROFILE]``; without a path the profile is temporary. Needs the extra ``mcp``.
"""

import os
import sys
import tempfile
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters, stdio_client, types

from ondevice import Personalizer


async def ask(profile: Path, secret: Path) -> None:
    """Start the server as a host does, and ask it."""
    command = 'exec "$0" -m ondevice_integrations.mcp --profile "$1" --passphrase-fd 3 3<"$2"'
    arguments = ["-c", command, sys.executable, str(profile), str(secret)]
    server = StdioServerParameters(command="sh", args=arguments, env=dict(os.environ))
    async with Client(stdio_client(server)) as client:
        print([tool.name for tool in (await client.list_tools()).tools])
        reply = await client.call_tool("search", {"query": "Who owns the flat?", "k": 1})
        print(*(block.text for block in reply.content if isinstance(block, types.TextContent)))


def main(profile: Path, secret: Path) -> None:
    """Keep something, and let a host find it; one process has a profile open at a time."""
    with Personalizer.create(profile, passphrase="correct horse") as me:
        me.add("Visited the flat in Lyon; it belongs to Madame Moreau.")
    secret.touch(mode=0o600)
    secret.write_text("correct horse\n")
    anyio.run(ask, profile, secret)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else f"{folder}/me.profile"), Path(folder) / "secret.txt")
