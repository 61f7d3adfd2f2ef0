SELECT 1 / (payapi.dispute_rank('inquiry', false) < payapi.dispute_rank('open', false))::int;
