"""What tests of the builder's command lines share: a command's result, and its document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from typer import Typer
from typer.testing import CliRunner, Result

RUNNER = CliRunner()


@dataclass(frozen=True)
class Commands:
    app: Typer

    def run(self, *arguments: object) -> Result:
        return RUNNER.invoke(self.app, [str(each) for each in arguments])

    def document(self, *arguments: object, code: int = 0) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)
