-- runtime: long work. A job is claimed by one worker at a time, which renews its lease while it lives; another takes over
-- what a dead one left. done of total count the job's own things; about and result are the job kind's own.
CREATE TABLE job (
    job_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL,
    about           jsonb NOT NULL,
    asked_by        text NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    phase           text NOT NULL DEFAULT '',
    done            bigint NOT NULL DEFAULT 0,
    total           bigint,
    result          jsonb,
    problem         jsonb,
    wants_cancel    boolean NOT NULL DEFAULT false,
    asked_at        timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    finished_at     timestamptz,
    leased_until    timestamptz
);
CREATE INDEX job_open ON job (job_id) WHERE state IN ('waiting', 'running');

-- A file that somebody sent in, in pieces, until the work on it is over.
CREATE TABLE upload (
    upload_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    size        bigint NOT NULL DEFAULT 0,
    is_whole    boolean NOT NULL DEFAULT false,
    sent_by     text NOT NULL,
    sent_at     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE upload_piece (
    upload_id   bigint NOT NULL REFERENCES upload ON DELETE CASCADE,
    n           integer NOT NULL,
    bytes       bytea NOT NULL,
    PRIMARY KEY (upload_id, n)
);

-- publishing: the program that is being designed; one draft a brand.
CREATE TABLE program_draft (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    document    jsonb NOT NULL,
    about       jsonb NOT NULL DEFAULT '{}',
    changed_by  text NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now()
);
