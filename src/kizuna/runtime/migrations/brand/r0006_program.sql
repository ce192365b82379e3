-- ledger: points that wait (core.waiting), and counters of six a unit: earned, spent, lapsed, debt, reversed, forgiven; the first
-- unit's first, older rows have four. An entry says what it was restricted to, what its rule alone would have given (null: the same)
-- and what cut it (null: nothing), when what waits is released, and the number of the order that it depends on (as a signed number).
ALTER TABLE account ADD COLUMN waiting bytea NOT NULL DEFAULT '';
ALTER TABLE entry
    ADD COLUMN restriction smallint NOT NULL DEFAULT 0,
    ADD COLUMN release_on integer,
    ADD COLUMN cause bigint,
    ADD COLUMN raw bigint,
    ADD COLUMN cut smallint;

-- Of the first unit: issued is net of what changes of orders took back; reversed and forgiven say how much of that there was.
-- waiting is by how much the points grew that still wait.
ALTER TABLE batch
    ADD COLUMN reversed bigint NOT NULL DEFAULT 0,
    ADD COLUMN forgiven bigint NOT NULL DEFAULT 0,
    ADD COLUMN waiting bigint NOT NULL DEFAULT 0;

-- members: what a sign-up tells. born is month × 100 + day; birthday_told and anniversary_told are the last years in which the
-- event of that day was made.
ALTER TABLE member
    ADD COLUMN birthday date,
    ADD COLUMN referrer uuid,
    ADD COLUMN birthday_told smallint,
    ADD COLUMN anniversary_told smallint;
CREATE INDEX member_born ON member ((extract(month FROM birthday) * 100 + extract(day FROM birthday))) WHERE birthday IS NOT NULL;
CREATE INDEX member_joined_day ON member ((extract(month FROM joined_on) * 100 + extract(day FROM joined_on)));
CREATE INDEX member_referrer ON member (referrer) WHERE referrer IS NOT NULL;

-- intake: what an event did beside the ledger: its place in its commit; by how much it changed orders and sales (null: an order
-- adds one and its amount, all else nothing); the tier after it, just before it (null: the same), and since when it was that one
-- where time alone had ended a higher one. An older event says nothing of tiers.
ALTER TABLE event
    ADD COLUMN place integer,
    ADD COLUMN orders smallint,
    ADD COLUMN amount bigint,
    ADD COLUMN level_before smallint,
    ADD COLUMN level smallint,
    ADD COLUMN fell_on date;

-- An order that may still be changed, whichever source told it: key is a hash of its shop (or source) and id. The event holds
-- what was bought; facts are the version that decided it (4 bytes) and what it was decided by (the engine's); kept is what is kept of
-- it now (intake/bought.py), null while nothing was changed.
CREATE TABLE purchase (
    key         bytea PRIMARY KEY,
    member_id   uuid NOT NULL,
    event_key   uuid NOT NULL,
    facts       bytea NOT NULL,
    kept        bytea
);

-- Figures that members share: limits of a store or of all, budgets of campaigns. They only grow.
CREATE TABLE program_counter (
    slot        text NOT NULL,
    store       text NOT NULL,
    stretch     integer NOT NULL,
    used        bigint NOT NULL,
    PRIMARY KEY (slot, store, stretch)
) WITH (fillfactor = 60);

-- Members who came to count as brought, by the event that made them; a follower tells both sides, found by the batch.
CREATE TABLE referral (
    bucket      smallint NOT NULL,
    member_id   uuid NOT NULL,
    event_key   uuid NOT NULL,
    batch_id    bigint NOT NULL,
    PRIMARY KEY (bucket, member_id)
);
CREATE INDEX referral_batch ON referral (batch_id);

-- Up to which day of the brand's calendar the events of the calendar (birthdays, anniversaries) were made.
CREATE TABLE occasion_clock (
    type        text PRIMARY KEY,
    day         date NOT NULL
);

-- insight: points that wait, and when the next of them are released; releases and moves between tiers that count already, though
-- no entry and no event says so yet. Sums of orders by day are no longer needed. Everything is counted anew by the worker.
TRUNCATE insight_member, insight_points, insight_day, insight_active, insight_tier, insight_tier_move, insight_clock;
DELETE FROM outbox_cursor WHERE follower = 'insight';
ALTER TABLE insight_member
    DROP COLUMN order_amounts,
    ADD COLUMN waiting bigint NOT NULL DEFAULT 0,
    ADD COLUMN release_on date,
    ADD COLUMN tier_seen smallint NOT NULL DEFAULT 0,
    ADD COLUMN released bytea NOT NULL DEFAULT '',
    ADD COLUMN moves bytea NOT NULL DEFAULT '';
CREATE INDEX insight_member_release ON insight_member (release_on) WHERE release_on IS NOT NULL;

-- publishing: who published a version; '' where nobody is known, as from the command line.
ALTER TABLE program_version ADD COLUMN published_by text NOT NULL DEFAULT '';
