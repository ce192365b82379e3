-- ledger: counters of nine a unit: earned, spent, lapsed, debt, reversed, forgiven, held, adjusted, transferred (core.lots). status is 0
-- for an open account, 1 for a closed one, 2 for one that was merged into moved_to.
UPDATE account SET counters = (
    SELECT array_agg(CASE WHEN place <= 6 THEN coalesce(counters[unit * 6 + place], 0) ELSE 0 END ORDER BY unit, place)
    FROM generate_series(0, (cardinality(counters) + 5) / 6 - 1) AS unit, generate_series(1, 9) AS place
);
ALTER TABLE account
    ADD COLUMN status smallint NOT NULL DEFAULT 0,
    ADD COLUMN moved_to uuid;

-- What names the program account within its kind where kind and rule do not: a reward, a cause, a reason.
ALTER TABLE entry ADD COLUMN account text;
ALTER TABLE batch
    ADD COLUMN adjusted bigint NOT NULL DEFAULT 0,
    ADD COLUMN held bigint NOT NULL DEFAULT 0;

-- Points that are reserved, and what became of them. key is the one by which seen knows the event that placed the hold; lots are what is
-- held, after a confirmation what was redeemed. state: 0 open, 1 confirmed, 2 voided, 3 timed out. holder is who placed it.
CREATE TABLE hold (
    key         bytea PRIMARY KEY,
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    unit        smallint NOT NULL,
    points      bigint NOT NULL CHECK (points > 0),
    lots        bytea NOT NULL,
    state       smallint NOT NULL DEFAULT 0,
    holder      text NOT NULL,
    reference   text,
    account     text,
    placed_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX hold_open ON hold (bucket, member_id) WHERE state = 0;
CREATE INDEX hold_due ON hold (expires_at) WHERE state = 0;

-- How many points of a redemption were given back, by the key of the event that redeemed them.
CREATE TABLE restoration (
    key         bytea PRIMARY KEY,
    points      bigint NOT NULL CHECK (points > 0)
);

-- Two members made one: who went into whom, and both as they were just before (intake), so that it can be undone.
CREATE TABLE merge (
    key         bytea PRIMARY KEY,
    gone        uuid NOT NULL,
    kept        uuid NOT NULL,
    at          timestamptz NOT NULL,
    facts       bytea NOT NULL,
    undone_at   timestamptz
);
CREATE INDEX merge_gone ON merge (gone);
CREATE INDEX merge_kept ON merge (kept);

-- People who spend from each other's points: a household or an organisation. Points stay with whoever earned them.
CREATE TABLE pool (
    pool_id     uuid PRIMARY KEY,
    kind        text NOT NULL,
    name        text NOT NULL,
    opened_at   timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE pool_member (
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    pool_id     uuid NOT NULL REFERENCES pool,
    is_head     boolean NOT NULL,
    may_spend   boolean NOT NULL,
    joined_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bucket, member_id)
);
CREATE INDEX pool_member_pool ON pool_member (pool_id);

-- Orders of a member, for merging and for undoing an import.
CREATE INDEX purchase_member ON purchase (member_id);
