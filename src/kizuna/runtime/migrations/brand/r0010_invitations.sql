-- Invitations into pools. code is the hash of what the invited one has to know; used_by is who joined by it.
CREATE TABLE pool_invitation (
    code        bytea PRIMARY KEY,
    pool_id     uuid NOT NULL REFERENCES pool ON DELETE CASCADE,
    made_by     uuid NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_by     uuid
);
CREATE INDEX pool_invitation_pool ON pool_invitation (pool_id);
