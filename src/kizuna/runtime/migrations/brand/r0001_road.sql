-- publishing: a published version never changes. Version 1 is in force for all time before version 2.
CREATE TABLE program_version (
    version         integer PRIMARY KEY CHECK (version > 0),
    document        json NOT NULL,
    effective_at    timestamptz NOT NULL,
    published_at    timestamptz NOT NULL DEFAULT now(),
    note            text NOT NULL DEFAULT ''
);

-- members: who. Every member-scoped key leads with bucket = last byte of member_id mod 64.
CREATE TABLE member (
    bucket              smallint NOT NULL,
    member_id           uuid NOT NULL,
    name                text,
    name_kana           text,
    name_is_generated   boolean NOT NULL DEFAULT false,
    language            text,
    joined_on           date NOT NULL,
    PRIMARY KEY (bucket, member_id)
);

-- Any name that a member is known by. One identity belongs to one member.
CREATE TABLE identity (
    kind        text NOT NULL,
    value       text NOT NULL,
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX identity_member ON identity (bucket, member_id);

-- ledger: the member's row. lots and memory are read by core.lots and engine.state; counters are
-- earned, spent, lapsed, debt for each unit. One lock and one write serve points and state.
CREATE TABLE account (
    bucket          smallint NOT NULL,
    member_id       uuid NOT NULL,
    entry_count     bigint NOT NULL,
    counters        bigint[] NOT NULL,
    lots            bytea NOT NULL,
    memory          bytea NOT NULL,
    PRIMARY KEY (bucket, member_id)
) WITH (fillfactor = 75);

-- Append-only. event_key is a UUIDv7 of the moment of the movement; n counts the member's entries in the order of
-- their making. Points move between the member's pocket and the program account named by kind
-- (1 issued, 2 redeemed, 3 expired). expires_on counts days since 1970-01-01.
CREATE TABLE entry (
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    event_key   uuid NOT NULL,
    n           bigint NOT NULL,
    batch_id    bigint NOT NULL,
    kind        smallint NOT NULL,
    unit        smallint NOT NULL,
    points      bigint NOT NULL CHECK (points <> 0),
    expires_on  integer NOT NULL,
    version     integer NOT NULL,
    rule        smallint NOT NULL,
    basis       bigint NOT NULL,
    taken       bytea,
    PRIMARY KEY (bucket, member_id, event_key)
);

-- One row per commit: the program accounts' side of its entries, and a digest of them.
CREATE TABLE batch (
    batch_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    entries     integer NOT NULL,
    issued      bigint NOT NULL,
    redeemed    bigint NOT NULL,
    expired     bigint NOT NULL,
    digest      bytea NOT NULL
);

-- The hash chain over batches, written by the worker after the commit.
CREATE TABLE seal (
    position    bigint PRIMARY KEY,
    batch_id    bigint NOT NULL UNIQUE,
    hash        bytea NOT NULL,
    sealed_at   timestamptz NOT NULL DEFAULT now()
);

-- intake: what happened, as it was told; and what has been seen, with the answer that was given.
CREATE TABLE event (
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    event_key   uuid NOT NULL,
    batch_id    bigint NOT NULL,
    type        text NOT NULL,
    source      text NOT NULL,
    id          text NOT NULL,
    body        json NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bucket, member_id, event_key)
);
CREATE TABLE seen (
    key             bytea PRIMARY KEY,
    payload_hash    bytea NOT NULL,
    answer          bytea NOT NULL
);

-- runtime: one row per commit for whoever follows; a cursor per follower.
CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    topic       text NOT NULL,
    payload     bigint NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_order ON outbox (xid, id);
CREATE TABLE outbox_cursor (
    follower    text PRIMARY KEY,
    xid         xid8 NOT NULL,
    id          bigint NOT NULL,
    moved_at    timestamptz NOT NULL DEFAULT now()
);

-- connect: an import run, known by its files' content and mapping, and how far it came. posted counts orders from the
-- front of the files in the order of posting; seen guards against doubles, so that posted only saves work.
CREATE TABLE import_run (
    run_id      text PRIMARY KEY,
    about       json NOT NULL,
    posted      bigint NOT NULL DEFAULT 0,
    refused     bigint NOT NULL DEFAULT 0,
    rejected    bigint NOT NULL DEFAULT 0,
    summary     json,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
