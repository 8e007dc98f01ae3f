"""SQL of the project's models for DuckDB, rendered without dbt, which takes seconds to import.

The macros are the project's own files and those that dbt and its DuckDB adapter ship, each compiled as
dbt does: by itself, with `return` and `adapter.dispatch`. What dbt knows beyond that (variables, other
adapters' methods) is not there, and a model that asks for it is an error and not another SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2

# Where dbt keeps the macros that a project may call, by package; the project's own come last and win.
DBT_MACROS = (("dbt.include.global_project", "macros/utils"), ("dbt.include.duckdb", "macros/utils"))
_MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\s*\(.*?{%-?\s*endmacro\s*-?%}", re.DOTALL)


class RenderingError(ValueError):
    """A template that cannot be rendered here; the message names it and the mend."""


class _Return(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class _Column:
    @staticmethod
    def translate_type(name: str) -> str:
        """DuckDB knows dbt's portable type names (string, timestamp …) itself."""
        return name


class Renderer:
    """Renders the text of models and calls macros; `known` is what templates find beside the macros."""

    def __init__(self, project: Path, known: Mapping[str, Any]) -> None:
        self._environment = jinja2.Environment(
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], undefined=jinja2.StrictUndefined
        )
        self._texts = _macro_texts(project)
        self._compiled: dict[str, Callable[..., Any]] = {}
        macros = {name: self._caller(name) for name in self._texts}
        self._globals = {
            **macros,
            "adapter": {"dispatch": self._dispatch},
            "api": {"Column": _Column},
            "config": lambda **settings: "",
            "dbt": macros,
            "execute": True,
            "return": _return,
            **known,
        }

    def render(self, text: str, name: str) -> str:
        """A template as text. Raises RenderingError."""
        try:
            return self._environment.from_string(text, self._globals).render()
        except (jinja2.TemplateError, TypeError) as error:
            raise RenderingError(
                f"{name} cannot be rendered without dbt: {error}."
                " Mend: let it use macros, ref and rows of seeds only"
            ) from error

    def call(self, macro: str, *arguments: Any) -> Any:
        """What a macro of the project returns."""
        return self._globals[macro](*arguments)

    def _caller(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if name not in self._compiled:
                template = self._environment.from_string(self._texts[name], self._globals)
                self._compiled[name] = getattr(template.module, name)
            try:
                return self._compiled[name](*arguments, **named)
            except _Return as returned:
                return returned.value

        return call

    def _dispatch(self, name: str, package: str | None = None) -> Callable[..., Any]:
        for candidate in (f"duckdb__{name}", f"default__{name}"):
            if candidate in self._texts:
                return self._globals[candidate]
        raise RenderingError(f"no macro {name} for DuckDB. Mend: add default__{name} to macros/cross_db")


def _return(value: Any) -> None:
    raise _Return(value)


def _macro_texts(project: Path) -> dict[str, str]:
    """Every macro by name: one template each, so that all calls between them go through `return`."""
    shipped = [
        Path(place) / folder
        for package, folder in DBT_MACROS
        for place in find_spec(package).submodule_search_locations
    ]
    return {
        found[1]: found[0]
        for folder in (*shipped, project / "macros")
        for path in sorted(folder.rglob("*.sql"))
        for found in _MACRO.finditer(path.read_text(encoding="utf-8"))
    }
