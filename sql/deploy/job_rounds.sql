-- When payapi-jobs last finished a round of due work; /health on every host reads it.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.job_rounds (
    only_row    boolean DEFAULT true PRIMARY KEY,
    finished_at timestamptz NOT NULL,
    CONSTRAINT job_rounds_one_row CHECK (only_row)
);
INSERT INTO payapi.job_rounds (finished_at) VALUES ('epoch');

COMMENT ON TABLE  payapi.job_rounds IS
    'one row: the last sign of life of payapi-jobs, whichever instance runs';
COMMENT ON COLUMN payapi.job_rounds.only_row IS 'true: there is never a second row';
COMMENT ON COLUMN payapi.job_rounds.finished_at IS
    'when it last finished a round of due work; 1970: never';

GRANT UPDATE (finished_at) ON payapi.job_rounds TO payapi_app;

COMMIT;
