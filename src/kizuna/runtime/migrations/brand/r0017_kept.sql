-- jobs: is_kept says that work on a file may still begin or go on, so that it is neither removed nor swept away.
ALTER TABLE upload ADD COLUMN is_kept boolean NOT NULL DEFAULT false;
UPDATE upload SET is_kept = true WHERE upload_id IN (SELECT upload_id FROM correction_bulk WHERE state IN ('waiting', 'approved'));
