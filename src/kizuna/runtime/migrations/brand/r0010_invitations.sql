-- Invitations into pools. code is the hash of what the invited one has to know; used_by is who joined by it.
CREATE TABLE pool_invitation (
    code        bytea PRIMARY KEY,
    pool_id     uuid NOT NULL REFERENCES pool ON DELETE CASCADE,
    made_by     uuid NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_by     uuid
);
CREATE INDEX pool_invitation_pool ON pool_invitation (pool_id);

-- How often a member tried to name somebody, or a code, within one hour: nobody finds out by trying who is a member, or a code.
CREATE TABLE guess (
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    kind        text NOT NULL,
    hour        integer NOT NULL,
    n           integer NOT NULL,
    PRIMARY KEY (bucket, member_id, kind)
);
