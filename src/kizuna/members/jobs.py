"""What the worker runs for the members: forgetting the notes that can no longer be brought back."""

from kizuna.members.notes import purge_notes
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database
from kizuna.runtime.worker import Chore


async def _forget(db: Database, brand: Brand) -> bool:
    async with db.transaction(brand.schema) as conn:
        await purge_notes(conn, now())
    return False


NOTES_FORGOTTEN = Chore("members.notes", _forget)
