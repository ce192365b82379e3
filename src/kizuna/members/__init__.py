"""Who: members, their identities and profiles; finding one, and listing many."""

from kizuna.members.cursor import Rows
from kizuna.members.glance_store import glance, glanced
from kizuna.members.jobs import NOTES_FORGOTTEN
from kizuna.members.listing import EVERYBODY, Listing, Order, Which, each, each_listed, listed
from kizuna.members.model import KINDS, Identity, Profile, SubjectInvalid, UnknownMember, parse_subject
from kizuna.members.notes import (
    NEWEST_NOTE,
    NOTE_LENGTH_MAX,
    Note,
    NoteEmpty,
    NoteTooLong,
    NoteUnknown,
    newest_note,
    notes,
    purge_notes,
    remove_note,
    removed_notes,
    restore_note,
    write_note,
)
from kizuna.members.searching import Total, first_found, search
from kizuna.members.service import Found, Member, Newcomer, enrolment, found, get, last_orders, resolve
from kizuna.members.store import add_identity, update_profiles

__all__ = [
    "EVERYBODY",
    "KINDS",
    "NEWEST_NOTE",
    "NOTES_FORGOTTEN",
    "NOTE_LENGTH_MAX",
    "Found",
    "Identity",
    "Listing",
    "Member",
    "Newcomer",
    "Note",
    "NoteEmpty",
    "NoteTooLong",
    "NoteUnknown",
    "Order",
    "Profile",
    "Rows",
    "SubjectInvalid",
    "Total",
    "UnknownMember",
    "Which",
    "add_identity",
    "each",
    "each_listed",
    "enrolment",
    "first_found",
    "found",
    "get",
    "glance",
    "glanced",
    "last_orders",
    "listed",
    "newest_note",
    "notes",
    "parse_subject",
    "purge_notes",
    "remove_note",
    "removed_notes",
    "resolve",
    "restore_note",
    "search",
    "update_profiles",
    "write_note",
]
