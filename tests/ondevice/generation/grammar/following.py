"""What jsonschema, the field's validator, says about a text: numbers are taken as they are written, formats count."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any


def complaint_of(schema: Any, text: str) -> str | None:
    """Return why a JSON text does not follow a schema, if it does not."""
    error = next(_validator(json.dumps(schema)).iter_errors(json.loads(text, parse_float=Decimal)), None)
    return None if error is None else error.message


@lru_cache(maxsize=4)
def _validator(schema: str) -> Any:
    """Return what checks texts, which costs more to make than to ask."""
    import jsonschema  # two seconds, and every worker imports every module of tests

    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(json.loads(schema, parse_float=Decimal), format_checker=checker)
