-- members: what the staff write down. A note taken away is kept until it can no longer be brought back.
CREATE TABLE member_note (
    note_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    author      text NOT NULL,
    body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
    written_at  timestamptz NOT NULL DEFAULT now(),
    removed_at  timestamptz
);
CREATE INDEX member_note_member ON member_note (bucket, member_id, note_id DESC);
