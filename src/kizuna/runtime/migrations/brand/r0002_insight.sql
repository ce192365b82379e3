-- From a commit to what it wrote: followers of the outbox read by batch. Batches only grow, so these indexes grow at one end.
CREATE INDEX entry_batch ON entry (batch_id);
CREATE INDEX event_batch ON event (batch_id);

-- insight: figures that follow the ledger by the outbox; every row can be made again from events, entries and accounts.
-- One row per member: where they stand now, for lists and shares.
-- Behind it what the figures remember of the member, little-endian: order_days (int32, each day once, rising, days since
-- 1970-01-01 in the brand's calendar), order_amounts (int64, minor units of each of these days), redemption_days (int32), due
-- (core.lots: lots that count as expired here, though no entry says so yet). as_of and version say by which day and which
-- version of the program the row was made.
CREATE TABLE insight_member (
    bucket              smallint NOT NULL,
    member_id           uuid NOT NULL,
    joined_on           date NOT NULL,
    tier                smallint NOT NULL,
    tier_through        date,
    balance             bigint NOT NULL,
    expires_on          date,
    orders              integer NOT NULL,
    spend               bigint NOT NULL,
    last_order_on       date,
    last_redemption_on  date,
    as_of               date NOT NULL,
    version             integer NOT NULL,
    order_days          bytea NOT NULL,
    order_amounts       bytea NOT NULL,
    redemption_days     bytea NOT NULL,
    due                 bytea NOT NULL,
    PRIMARY KEY (bucket, member_id)
) WITH (fillfactor = 80);
-- Who changes by the passing of time alone: points that lapse, tiers that end.
CREATE INDEX insight_member_expiry ON insight_member (expires_on) WHERE expires_on IS NOT NULL;
CREATE INDEX insight_member_tier_end ON insight_member (tier_through) WHERE tier_through IS NOT NULL;

-- Points by day (the brand's calendar, of the movement's own time), kind of entry, program version and rule (-1 for none).
CREATE TABLE insight_points (
    day         date NOT NULL,
    kind        smallint NOT NULL,
    version     integer NOT NULL,
    rule        smallint NOT NULL,
    entries     bigint NOT NULL,
    points      bigint NOT NULL,
    PRIMARY KEY (day, kind, version, rule)
);

-- Newcomers, orders and their amount by day.
CREATE TABLE insight_day (
    day         date PRIMARY KEY,
    joined      bigint NOT NULL DEFAULT 0,
    orders      bigint NOT NULL DEFAULT 0,
    sales       bigint NOT NULL DEFAULT 0
);

-- How many members ordered (what = 1) or redeemed (what = 2) within the last `days` days, as differences: the number on a
-- day is the sum of delta over all days up to it. A member counts from a day with an order through days − 1 days after.
CREATE TABLE insight_active (
    what        smallint NOT NULL,
    days        smallint NOT NULL,
    day         date NOT NULL,
    delta       bigint NOT NULL,
    PRIMARY KEY (what, days, day)
);

-- How many members stand on each tier, by rank, and how many moved from one to another on the brand's own days.
CREATE TABLE insight_tier (
    tier        smallint PRIMARY KEY,
    members     bigint NOT NULL
);
CREATE TABLE insight_tier_move (
    day         date NOT NULL,
    from_tier   smallint NOT NULL,
    to_tier     smallint NOT NULL,
    members     bigint NOT NULL,
    PRIMARY KEY (day, from_tier, to_tier)
);

-- Up to which day the passing of time was followed, and by which version of the program every row was made.
CREATE TABLE insight_clock (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    day         date NOT NULL,
    version     integer NOT NULL
);
