"""What all reports share: JSON without NaN, text that is safe in HTML, and a file for each reader."""

from __future__ import annotations

import dataclasses
import html
import json
import math
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np


def write_both(document: dict[str, Any], page: str, file: Path) -> list[Path]:
    """Write the page for people into a file, and beside it the document as JSON; return both paths."""
    file.parent.mkdir(parents=True, exist_ok=True)
    data = file.with_suffix(".json")
    text = json.dumps(as_json(document), indent=2, allow_nan=False, ensure_ascii=False)
    data.write_text(text + "\n", encoding="utf-8")
    file.write_text(page, encoding="utf-8")
    return [data, file]


def as_json(value: Any) -> Any:
    """The value in JSON's types: dataclasses as objects, dates as ISO text, what is no number as null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, dict):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [as_json(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return int(value)
    if isinstance(value, np.generic):
        return as_json(value.item())
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def escaped(text: object) -> str:
    """Text as it is written in HTML."""
    return html.escape(str(text), quote=False)
