SELECT recorded_at FROM payapi.transactions WHERE false;
