-- ledger: through which day of the brand's calendar each bucket's accounts were swept: what time alone had done is written down.
CREATE TABLE sweep (
    bucket      smallint PRIMARY KEY,
    day         date NOT NULL,
    swept_at    timestamptz NOT NULL DEFAULT now()
);
