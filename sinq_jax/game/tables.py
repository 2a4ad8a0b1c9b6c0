"""The sqlite file under the games: its schema, how it is opened, and its errors in plain words."""

import os
import sqlite3
from pathlib import Path

SCHEMA_VERSION = 3

_SCHEMA = """
CREATE TABLE program (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL, source TEXT NOT NULL, entry_point TEXT NOT NULL,
    content TEXT NOT NULL UNIQUE            -- the whole record as JSON, parameters and examples too
);
CREATE TABLE round (
    number INTEGER PRIMARY KEY,
    metadata TEXT NOT NULL                  -- JSON
);
CREATE TABLE variant (                      -- one row per game: a generator's completion
    id INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES round(number) ON DELETE CASCADE,
    position INTEGER NOT NULL,              -- place of the game in its round
    program INTEGER NOT NULL REFERENCES program(id),
    target INTEGER NOT NULL, sample INTEGER NOT NULL,
    text TEXT NOT NULL, tokens INTEGER NOT NULL, finished INTEGER NOT NULL,
    variant TEXT, input TEXT,               -- NULL where the completion could not be parsed
    s INTEGER NOT NULL, n INTEGER NOT NULL, -- diverging answers, all answers
    diverging INTEGER, tried INTEGER,       -- divergence density on a fixed sample of inputs
    UNIQUE (round, position)
);
CREATE INDEX variant_program ON variant(program);
CREATE TABLE answer (
    id INTEGER PRIMARY KEY,
    variant INTEGER NOT NULL REFERENCES variant(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    text TEXT NOT NULL, tokens INTEGER NOT NULL, finished INTEGER NOT NULL,
    input TEXT, claims_equivalent INTEGER NOT NULL,
    UNIQUE (variant, position)
);
CREATE TABLE condition (                    -- what many receipts share: limits, seeds, versions
    id INTEGER PRIMARY KEY,
    content TEXT NOT NULL UNIQUE            -- JSON
);
CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    variant INTEGER NOT NULL REFERENCES variant(id) ON DELETE CASCADE,
    answer INTEGER UNIQUE REFERENCES answer(id) ON DELETE CASCADE,  -- NULL: the variant's admission
    verdict TEXT NOT NULL, reason TEXT NOT NULL,
    outcomes TEXT NOT NULL,                 -- JSON: what is this verdict's own in its receipt
    condition INTEGER NOT NULL REFERENCES condition(id)  -- the rest of the receipt
);
CREATE INDEX verdict_variant ON verdict(variant);
CREATE INDEX verdict_condition ON verdict(condition);
"""

_SUSPICION = """
CREATE {temporary} TABLE suspicion (        -- one row per variant that nobody solved
    variant INTEGER PRIMARY KEY REFERENCES variant(id) ON DELETE CASCADE,
    suspect INTEGER NOT NULL,               -- 1: nothing but its writer's input tells it apart
    reason TEXT NOT NULL, tried INTEGER NOT NULL,
    input TEXT,                             -- a diverging input that the search found, with its
    ruling TEXT                             -- ruling as JSON; NULL where it found none
);
"""
_VARIETY = """
CREATE {temporary} TABLE behaviour (        -- one row per admitted variant, where kept
    variant INTEGER PRIMARY KEY REFERENCES variant(id) ON DELETE CASCADE,
    edit TEXT NOT NULL,                     -- kinds of edit, sorted, with commas between
    outcomes TEXT NOT NULL,                 -- digest of what it did on the probe inputs
    seen INTEGER NOT NULL                   -- variants of the original like it before it
);
CREATE {temporary} TABLE quirky (           -- one row per verdict that a quirky judge pays
    verdict INTEGER PRIMARY KEY REFERENCES verdict(id) ON DELETE CASCADE,
    diverges INTEGER NOT NULL               -- what that judge says
);
CREATE {temporary} TABLE equivalent (       -- one row per equivalent pair that was asked about
    id INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES round(number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    program INTEGER NOT NULL REFERENCES program(id),
    variant TEXT NOT NULL,
    rewrites TEXT NOT NULL,                 -- their names, with commas between
    tried INTEGER NOT NULL,                 -- inputs on which the programs were compared
    UNIQUE (round, position)
);
CREATE {temporary} TABLE equivalent_answer (
    equivalent INTEGER NOT NULL REFERENCES equivalent(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    text TEXT NOT NULL, tokens INTEGER NOT NULL, finished INTEGER NOT NULL,
    input TEXT, claims_equivalent INTEGER NOT NULL,
    ruling TEXT NOT NULL,                   -- JSON
    PRIMARY KEY (equivalent, position)
);
"""
_ADDED = {2: _SUSPICION, 3: _VARIETY}
"""What each version added: files from before it are read as if these tables were there and empty,
and get them when they are written to."""

SELECT_ENTRIES = """
SELECT v.round, v.position, p.name, v.target, v.s, v.n, d.verdict, d.reason, v.diverging, v.tried,
       coalesce(u.suspect, 0)
FROM variant v JOIN program p ON p.id = v.program
JOIN verdict d ON d.variant = v.id AND d.answer IS NULL
LEFT JOIN suspicion u ON u.variant = v.id
ORDER BY v.round, v.position
"""

SELECT_ANSWER_RULINGS = """
SELECT verdict, reason, count(*) FROM verdict WHERE answer IS NOT NULL GROUP BY verdict, reason
"""

COUNTED = ("rounds", "programs", "games", "admitted", "answers", "solved")
SELECT_COUNTS = """
SELECT (SELECT count(*) FROM round), (SELECT count(*) FROM program), (SELECT count(*) FROM variant),
       (SELECT count(*) FROM verdict WHERE answer IS NULL AND verdict = 'diverges'),
       (SELECT count(*) FROM answer), (SELECT coalesce(sum(s), 0) FROM variant)
"""


class FormatError(Exception):
    """The file is a database, but not one of games that this version can read."""


def uri(path: Path, readonly: bool) -> str:
    """Return the sqlite URI of a file; on read-only media the file is taken as immutable."""
    base = path.absolute().as_uri()
    if not readonly:
        return f"{base}?mode=rwc"
    return f"{base}?mode=ro" if os.access(path.parent, os.W_OK) else f"{base}?immutable=1"


def prepare(connection: sqlite3.Connection, readonly: bool) -> None:
    """Create the tables in an empty file; FormatError for a file of another kind or version.

    A file of an earlier version is brought up to date where it may be written to.
    """
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogatepass")
    connection.execute("PRAGMA foreign_keys = ON")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    new = version == 0 and tables == 0
    if new and not readonly:
        connection.execute("PRAGMA journal_mode = WAL")
        _bring_up_to_date(connection, _SCHEMA + _added_after(0))
    elif 1 <= version < SCHEMA_VERSION and readonly:
        connection.executescript(_added_after(version, "TEMPORARY"))
    elif 1 <= version < SCHEMA_VERSION:
        _bring_up_to_date(connection, _added_after(version))
    elif version != SCHEMA_VERSION:
        raise FormatError(
            f"expected a file of games, version {SCHEMA_VERSION}, got version {version} "
            f"with {tables} tables and indices; move it away"
        )


def _bring_up_to_date(connection: sqlite3.Connection, script: str) -> None:
    """All of the script, or nothing of it."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def _added_after(version: int, temporary: str = "") -> str:
    """The tables that later versions added; temporary ones are this connection's alone."""
    later = [script for number, script in _ADDED.items() if number > version]
    return "".join(script.format(temporary=temporary) for script in later)


def explain(error: Exception) -> str:
    """Return what an error of the file means and what to do, in one line."""
    known = {
        "SQLITE_FULL": "the disk is full; free some space and run the same command again",
        "SQLITE_IOERR": "the disk refuses reads or writes; check it and run the same command again",
        "SQLITE_BUSY": "another process is writing to it; wait for that run or end it",
        "SQLITE_LOCKED": "another process is writing to it; wait for that run or end it",
        "SQLITE_CORRUPT": "the file is damaged; restore it, or move it away to start without it",
        "SQLITE_NOTADB": "this is not an sqlite file; move it away",
        "SQLITE_CANTOPEN": "it cannot be opened or created; check the folder and its permissions",
        "SQLITE_READONLY": "the file cannot be written; check its permissions",
    }
    name = getattr(error, "sqlite_errorname", "")
    for code, words in known.items():
        if name.startswith(code):
            return words
    return str(error)
