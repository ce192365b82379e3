-- ledger: runs of the proof that have not ended, and the parts that they have proven, so that one that was broken off can go on. side is
-- members (shards first to last, four in a bucket) or batches (batch_id first to last); finding is figures and faults.
CREATE TABLE proof_run (
    run_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    as_of       date NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE proof_part (
    run_id      bigint NOT NULL REFERENCES proof_run ON DELETE CASCADE,
    side        text NOT NULL,
    first       bigint NOT NULL,
    last        bigint NOT NULL,
    finding     jsonb NOT NULL,
    proven_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, side, first)
);
