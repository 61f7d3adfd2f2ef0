SELECT authored FROM payapi.payments WHERE false;
