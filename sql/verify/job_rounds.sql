SELECT only_row, finished_at FROM payapi.job_rounds WHERE false;
