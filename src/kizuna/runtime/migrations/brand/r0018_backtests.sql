-- simulate: back-tests that people keep. about is what is asked (history, days, margin, designs), result what it came to (zlib, JSON),
-- asked the digest of what was asked when it ran; stories are single members under each design, by their identity.
CREATE TABLE backtest (
    backtest_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    about       json NOT NULL,
    result      bytea,
    asked       bytea,
    stories     json NOT NULL DEFAULT '{}',
    job         bigint,
    made_by     text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    changed_at  timestamptz NOT NULL DEFAULT now(),
    ran_at      timestamptz
);
