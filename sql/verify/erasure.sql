SELECT 1 / (NOT has_function_privilege('payapi_app', 'payapi.erase_email(text, text, text, text)',
                                       'EXECUTE'))::int;
