from __future__ import annotations

import inspect
import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from export.cli.export import COMMANDS, app, main
from export.cli.measure import EmulatedChoice
from export.gate.emulation import EMULATED

RUNNER = CliRunner()
HEAVY = ("torch", "transformers", "peft", "onnx", "onnxruntime", "llama_cpp", "gguf", "tokenizers", "matplotlib")


def test_help_loads_no_model_library() -> None:
    """One process says it for all commands: what one of them loads is still there after the next."""
    code = (
        "import sys; from export.cli.export import main\n"
        f"for arguments in [['--help'], *([name, '--help'] for name in {list(COMMANDS)!r})]:\n"
        "    try: main(arguments)\n"
        "    except SystemExit as end: code = end.code\n"
        f"    print(arguments[0], code, [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines() == [f"{name} 0 []" for name in ("--help", *COMMANDS)]
    assert ran.stdout.count("Usage: ") == 1 + len(COMMANDS)


def test_every_cpu_that_can_be_emulated_can_be_chosen() -> None:
    assert [choice.value for choice in EmulatedChoice] == list(EMULATED)


def test_version() -> None:
    assert RUNNER.invoke(app, ["--version"]).stdout.startswith("ondevice-export ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_speaks_json(name: str) -> None:
    body = COMMANDS[name]
    assert (inspect.getdoc(body) or "").split("\n")[0].endswith(".")
    assert "as_json" in inspect.signature(body).parameters


def test_a_wrong_option_is_a_json_error_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["inspect", "--nope", "--json"])
    assert caught.value.code == 2
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "UsageError"
