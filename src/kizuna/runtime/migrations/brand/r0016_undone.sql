-- intake: which commit took an event back (null: none). What was told and taken back leaves an empty payload hash in seen, and the key
-- of the taking back as its answer.
ALTER TABLE event ADD COLUMN undone bigint;
CREATE INDEX event_undone ON event (undone) WHERE undone IS NOT NULL;

-- connect: how often a run was taken back, whether that is under way, and when it was done; it may then be imported again.
ALTER TABLE import_run
    ADD COLUMN undoings integer NOT NULL DEFAULT 0,
    ADD COLUMN is_undoing boolean NOT NULL DEFAULT false,
    ADD COLUMN undone_at timestamptz;
