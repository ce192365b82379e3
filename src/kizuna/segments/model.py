"""What an audience cannot be asked: the checker of documents refuses it before; whoever comes another way meets it here."""

from kizuna.core.errors import N_, Kind, Problem


class SegmentInvalid(Problem):
    """A condition asks for what is not known of every member, or compares it as its type does not allow; `field` is its place."""

    code = "segment_invalid"
    kind = Kind.INVALID
    title = N_("Members cannot be listed by “{fact}” in this way.")
    remedy = N_("Ask for one of {known}, with a comparison and a value of its type.")
