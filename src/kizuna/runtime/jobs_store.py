"""All SQL of jobs; each statement named, with its purpose. What a worker writes names its attempt; an older one writes nothing."""

COLUMNS = """
job_id, kind, about::text AS about, asked_by, state, attempt, deaths, phase, done, total, phase_at, phase_done,
result::text AS result, problem::text AS problem, wants_cancel, asked_at, started_at, finished_at
"""
"""What a job is read by."""

INSERT_JOB = """
INSERT INTO job (kind, about, asked_by, once) VALUES ($1, $2::text::jsonb, $3, $4)
ON CONFLICT (once) WHERE state IN ('waiting', 'running') DO UPDATE SET once = excluded.once
RETURNING job_id
"""
"""Ask for work; of the same work asked for twice at a time there is one."""

CLAIM_JOB = f"""
UPDATE job SET state = 'running', attempt = attempt + 1, deaths = deaths + (state = 'running')::int,
    started_at = coalesce(started_at, now()), phase_at = now(), phase_done = done,
    leased_until = now() + make_interval(secs => $2)
WHERE job_id = (
    SELECT job_id FROM job
    WHERE kind = ANY($1::text[])
      AND (state = 'waiting' AND coalesce(leased_until, '-infinity') < now() OR state = 'running' AND leased_until < now())
    ORDER BY job_id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING {COLUMNS}
"""
"""Take the oldest job that waits, or whose worker let its lease run out."""

RENEW_JOB = """
UPDATE job SET leased_until = now() + make_interval(secs => $3), phase = $4, done = $5, total = $6,
    phase_at = CASE WHEN phase = $4 THEN phase_at ELSE now() END,
    phase_done = CASE WHEN phase = $4 THEN phase_done ELSE $5 END
WHERE job_id = $1 AND attempt = $2 AND state = 'running'
RETURNING wants_cancel
"""
"""A sign of life with the progress; returns nothing when the job is no longer this worker's."""

FINISH_JOB = """
UPDATE job SET state = $3, result = $4::text::jsonb, problem = $5::text::jsonb, phase = $6, done = $7, total = $8,
    finished_at = now(), leased_until = NULL
WHERE job_id = $1 AND attempt = $2 AND state = 'running'
"""
"""How it ended."""

RELEASE_JOB = """
UPDATE job SET state = 'waiting', leased_until = now() + make_interval(secs => $3)
WHERE job_id = $1 AND attempt = $2 AND state = 'running'
"""
"""Give a job back, to be taken up again after a rest."""

CANCEL_JOB = """
UPDATE job SET wants_cancel = true,
    state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END,
    finished_at = CASE WHEN state = 'waiting' THEN now() END
WHERE job_id = $1 AND state IN ('waiting', 'running') RETURNING job_id
"""
"""Wish that a job ends: one that waits ends at once, one that runs is told."""

SELECT_JOB = f"SELECT {COLUMNS} FROM job WHERE job_id = $1"
"""One job."""

SELECT_RECENT = f"""
SELECT {COLUMNS} FROM job
WHERE state IN ('waiting', 'running') OR finished_at > now() - make_interval(days => $2)
ORDER BY (state IN ('waiting', 'running')) DESC, job_id DESC LIMIT $1
"""
"""What is open, then what ended within some days, newest first."""

COUNT_NOTICES = """
SELECT count(*) FILTER (WHERE finished_at IS NULL) AS open,
       count(*) FILTER (WHERE finished_at > $1) AS unseen
FROM job WHERE state IN ('waiting', 'running') OR finished_at > $1
"""
"""How many jobs are open, and how many ended since the person last looked."""
