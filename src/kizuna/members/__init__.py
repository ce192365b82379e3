"""Who: members, their identities and profiles."""

from kizuna.members.model import KINDS, Identity, Profile, SubjectInvalid, UnknownMember, parse_subject
from kizuna.members.service import Found, Member, Newcomer, enrolment, get, resolve, search
from kizuna.members.store import add_identity, update_profiles

__all__ = [
    "KINDS",
    "Found",
    "Identity",
    "Member",
    "Newcomer",
    "Profile",
    "SubjectInvalid",
    "UnknownMember",
    "add_identity",
    "enrolment",
    "get",
    "parse_subject",
    "resolve",
    "search",
    "update_profiles",
]
