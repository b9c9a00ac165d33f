"""What a program that knows OpenAI's protocol does with a profile: ask ``ondevice-serve``, and read its sources.

Run it with ``python examples/openai_client.py [PROFILE]``; else it is temporary. Needs ``server`` and ``openai``.
"""

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from openai import OpenAI

from ondevice import Personalizer


def main(profile: Path, folder: Path) -> None:
    """Keep something, start the server as a user does, and ask it."""
    secret, token = folder / "secret.txt", folder / "token.txt"
    with Personalizer.create(profile, passphrase="correct horse") as me:
        me.add("Visited the flat in Lyon; it belongs to Madame Moreau.")
    secret.write_text("correct horse\n")  # yours should be a file that nobody else may read
    words = [sys.executable, "-m", "ondevice_integrations.server", "--profile", profile, "--port", "0"]
    words += ["--token-file", token, "--passphrase-fd", "3"]
    line = f"exec {shlex.join(map(str, words))} 3<{shlex.quote(str(secret))}"
    with subprocess.Popen(["sh", "-c", line], stdout=subprocess.PIPE, text=True) as server:
        try:
            base = str(server.stdout and server.stdout.readline()).split()[-1]
            with OpenAI(base_url=base, api_key=token.read_text().strip()) as client:
                ask = client.chat.completions.create
                reply = ask(model="smollm2-135m-instruct", messages=[{"role": "user", "content": "Who owns the flat?"}])
            print(reply.choices[0].message.content, (reply.model_extra or {})["ondevice"]["sources"])
        finally:
            server.terminate()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else f"{temporary}/me.profile"), Path(temporary))
