"""The files of an intake: what training reads, and the same as chats in the release's layout."""

import json
from pathlib import Path

from sinq_jax.audit.files import write_parts
from sinq_jax.game.chats import chat_to_plain
from sinq_jax.game.published import published_to_plain
from sinq_jax.game.release import release_chat
from sinq_jax.intake.keeping import Intake

PUBLISHED, CHATS = "published.jsonl", "published.chat.jsonl"


def write_intake(folder: Path, intake: Intake) -> list[Path]:
    """Write both files and return their paths; AuditError when the disk refuses.

    The same games give the same files, to the byte, and so does the first of them, taken in again.
    """
    return write_parts(
        folder,
        {
            PUBLISHED: (f"{json.dumps(published_to_plain(each))}\n" for each in intake.kept),
            CHATS: (f"{json.dumps(chat_to_plain(release_chat(each)))}\n" for each in intake.kept),
        },
    )
