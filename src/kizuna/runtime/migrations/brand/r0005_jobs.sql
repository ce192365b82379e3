-- runtime: long work. A job is claimed by one worker at a time, which renews its lease while it lives; another takes over
-- what a dead one left. attempt counts the claims and fences: who holds an older number writes nothing more. deaths counts
-- leases that ran out. once names work that must not be asked for twice at a time. done of total count the job's own
-- things; phase_at and phase_done say when and where this phase began here. about and result are the job kind's own.
CREATE TABLE job (
    job_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL,
    about           jsonb NOT NULL,
    asked_by        text NOT NULL,
    once            text,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    attempt         integer NOT NULL DEFAULT 0,
    deaths          integer NOT NULL DEFAULT 0,
    phase           text NOT NULL DEFAULT '',
    done            bigint NOT NULL DEFAULT 0,
    total           bigint,
    phase_at        timestamptz,
    phase_done      bigint NOT NULL DEFAULT 0,
    result          jsonb,
    problem         jsonb,
    wants_cancel    boolean NOT NULL DEFAULT false,
    asked_at        timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    finished_at     timestamptz,
    leased_until    timestamptz
);
CREATE INDEX job_open ON job (job_id) WHERE state IN ('waiting', 'running');
CREATE UNIQUE INDEX job_once ON job (once) WHERE state IN ('waiting', 'running');
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;

-- A file that somebody sent in, in pieces, until the work on it is over; about says what it is for and how it is read.
CREATE TABLE upload (
    upload_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    size        bigint NOT NULL DEFAULT 0,
    is_whole    boolean NOT NULL DEFAULT false,
    about       jsonb NOT NULL DEFAULT '{}',
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
