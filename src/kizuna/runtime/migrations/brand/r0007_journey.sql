-- insight: how many members stand on each stage of the journey. Every row is made again by the worker, as for a new version.
CREATE TABLE insight_stage (
    stage       smallint PRIMARY KEY,
    members     bigint NOT NULL
);
-- kept_order_on is the day of the last order that was kept in some part, as the program counts it.
ALTER TABLE insight_member
    ADD COLUMN stage smallint NOT NULL DEFAULT 0,
    ADD COLUMN kept_order_on date;
INSERT INTO insight_stage (stage, members) SELECT 0, count(*) FROM insight_member HAVING count(*) > 0;
UPDATE insight_member SET version = 0;
