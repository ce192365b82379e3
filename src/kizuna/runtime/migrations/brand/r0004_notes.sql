-- members: what the staff write down. A note taken away is kept until it can no longer be brought back. token is a hash of the
-- form that wrote the note and of its words: the same form sent twice makes one note.
CREATE TABLE member_note (
    note_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    token       bytea NOT NULL,
    author      text NOT NULL,
    body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
    written_at  timestamptz NOT NULL DEFAULT now(),
    removed_at  timestamptz,
    removed_by  text,
    CHECK ((removed_at IS NULL) = (removed_by IS NULL)),
    UNIQUE (bucket, member_id, token)
);
CREATE INDEX member_note_member ON member_note (bucket, member_id, note_id DESC);
CREATE INDEX member_note_removed ON member_note (removed_at) WHERE removed_at IS NOT NULL;
