SELECT sweep_is_deep, deep_due_at FROM payapi.provider_cursors WHERE false;
