-- intake: which commits recorded an import run, so that it can be taken back.
CREATE TABLE import_batch (
    run_id      text NOT NULL,
    batch_id    bigint NOT NULL,
    PRIMARY KEY (run_id, batch_id)
);

-- connect: what the files of a taking over say, kept before anything is posted: a row for each member (unit null), for each unit of a
-- member, or for the figures of one (unit ''). key is what seen knows the operation by, null where rows are wrong. over are points in
-- lots whose last day was over already; they are not in points.
CREATE TABLE import_claim (
    run_id      text NOT NULL,
    place       integer NOT NULL,
    key         bytea,
    subject     text NOT NULL,
    unit        text,
    points      bigint NOT NULL,
    lots        integer NOT NULL,
    debt        bigint NOT NULL,
    over        bigint NOT NULL,
    tier        text,
    orders      bigint NOT NULL,
    spend       bigint NOT NULL,
    PRIMARY KEY (run_id, place)
);
