BEGIN;
DROP TABLE payapi.job_rounds;
COMMIT;
