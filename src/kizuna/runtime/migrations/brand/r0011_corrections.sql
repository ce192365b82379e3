-- corrections: points that somebody adds or takes by hand. hash tells whether a wish that comes again is the same. state: waiting for a
-- second person; approved, and being carried out; done; refused by the operation itself (problem says why); rejected by a person. The
-- operation that carries a correction out is known by the correction's id, a row of a file by the file's id and the row.
CREATE TABLE correction_bulk (
    bulk_id         uuid PRIMARY KEY,
    upload_id       bigint NOT NULL,
    file            text NOT NULL,
    content         bytea NOT NULL,
    kind            text NOT NULL,
    state           text NOT NULL CHECK (state IN ('waiting', 'approved', 'done', 'rejected')),
    rows            integer NOT NULL,
    left_out        integer NOT NULL,
    points          bigint NOT NULL,
    asked_by        text NOT NULL,
    asked_at        timestamptz NOT NULL,
    decided_by      text,
    decided_at      timestamptz,
    decision        text,
    job_id          bigint,
    refused_file    bigint,
    carried         integer NOT NULL DEFAULT 0,
    refused         integer NOT NULL DEFAULT 0,
    CHECK (decided_by IS NULL OR decided_by <> asked_by OR state = 'rejected')
);
CREATE INDEX correction_bulk_content ON correction_bulk (content);
CREATE INDEX correction_bulk_asked ON correction_bulk (asked_at DESC);

CREATE TABLE correction (
    correction_id   uuid PRIMARY KEY,
    bulk_id         uuid REFERENCES correction_bulk,
    row             integer,
    hash            bytea NOT NULL,
    subject         text NOT NULL,
    member_id       uuid,
    unit            text,
    points          bigint NOT NULL CHECK (points <> 0),
    reason          text NOT NULL,
    note            text,
    expires_on      date,
    may_owe         boolean NOT NULL,
    state           text NOT NULL CHECK (state IN ('waiting', 'approved', 'done', 'refused', 'rejected')),
    asked_by        text NOT NULL,
    asked_at        timestamptz NOT NULL,
    decided_by      text,
    decided_at      timestamptz,
    decision        text,
    balance         bigint,
    problem         jsonb,
    CHECK (decided_by IS NULL OR decided_by <> asked_by OR state = 'rejected'),
    CHECK ((bulk_id IS NULL) = (row IS NULL)),
    CHECK (bulk_id IS NOT NULL OR member_id IS NOT NULL)
);
CREATE UNIQUE INDEX correction_row ON correction (bulk_id, row) WHERE bulk_id IS NOT NULL;
CREATE INDEX correction_open ON correction (state, asked_at) WHERE state IN ('waiting', 'approved');
CREATE INDEX correction_waiting_member ON correction (member_id) WHERE state = 'waiting';
CREATE INDEX correction_decided ON correction (decided_at DESC) WHERE bulk_id IS NULL AND decided_by IS NOT NULL;
