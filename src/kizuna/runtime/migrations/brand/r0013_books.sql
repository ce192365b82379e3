-- ledger: the program accounts by day of the brand's calendar: entries added up, each on its own day (ledger/books.py). rule is -1 and
-- version 0 where no rule gave, account is '' where kind and rule say all. The worker books what was posted before.
CREATE TABLE ledger_day (
    day         date NOT NULL,
    unit        smallint NOT NULL,
    kind        smallint NOT NULL,
    version     integer NOT NULL,
    rule        smallint NOT NULL,
    account     text NOT NULL,
    entries     bigint NOT NULL,
    points      bigint NOT NULL,
    PRIMARY KEY (day, unit, kind, version, rule, account)
) WITH (fillfactor = 70);
