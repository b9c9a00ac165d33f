"""What jsonschema, the field's validator, says about a text: numbers are taken as they are written, formats count."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def complaint_of(schema: Any, text: str) -> str | None:
    """Return why a JSON text does not follow a schema, if it does not."""
    import jsonschema  # two seconds, and every worker imports every module of tests

    exact = json.loads(json.dumps(schema), parse_float=Decimal)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(exact, format_checker=checker)
    error = next(validator.iter_errors(json.loads(text, parse_float=Decimal)), None)
    return None if error is None else error.message
