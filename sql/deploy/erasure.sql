-- Erases a person's data; the books and their proof stay. Only the four tables updated below hold
-- such data; the audit log and the domain events never do. Only the owner of the tables may run it.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE FUNCTION payapi.erase_email(address text, escaped text, actor text, trace_id text,
                                   OUT orders_erased bigint, OUT requests_emptied bigint,
                                   OUT events_emptied bigint, OUT answers_cleaned bigint,
                                   OUT waiting bigint)
    LANGUAGE plpgsql SET search_path = payapi, pg_temp AS $$
DECLARE
    whose text[];
    paid  text[];
BEGIN
    IF strpos(address, '@') < 2 THEN
        RAISE EXCEPTION 'no address' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    address := lower(address);
    escaped := lower(escaped);
    whose := ARRAY(SELECT o.order_id FROM payapi.orders AS o
                    WHERE lower(o.customer_email) = address);
    paid := ARRAY(SELECT p.payment_id FROM payapi.payments AS p
                   WHERE p.order_id = ANY (whose));

    UPDATE payapi.orders AS o
       SET customer_email = '',
           description = CASE WHEN strpos(lower(o.description), address) > 0 THEN ''
                              ELSE o.description END,
           metadata = CASE WHEN strpos(lower(o.metadata::text), address) > 0 THEN '{}'
                           ELSE o.metadata END
     WHERE o.order_id = ANY (whose);
    GET DIAGNOSTICS orders_erased = ROW_COUNT;

    UPDATE payapi.provider_calls AS c SET request_body = ''
     WHERE c.finished_at IS NOT NULL
       AND (strpos(lower(c.request_body), address) > 0
            OR strpos(lower(c.request_body), escaped) > 0);
    GET DIAGNOSTICS requests_emptied = ROW_COUNT;

    UPDATE payapi.webhook_events AS e SET body = '', body_purged_at = now()
     WHERE e.status IN ('processed', 'ignored') AND e.body <> ''
       AND (e.payment_id = ANY (paid)
            OR strpos(lower(encode(e.body, 'escape')),
                      encode(convert_to(address, 'UTF8'), 'escape')) > 0);
    GET DIAGNOSTICS events_emptied = ROW_COUNT;

    UPDATE payapi.idempotency_keys AS k
       SET answer_body = regexp_replace(k.answer_body, '"customerEmail":"[^"]*"',
                                        '"customerEmail":null', 'g')
     WHERE k.state = 'done' AND strpos(lower(k.answer_body), address) > 0;
    GET DIAGNOSTICS answers_cleaned = ROW_COUNT;

    waiting := (SELECT count(*) FROM payapi.provider_calls AS c
                 WHERE strpos(lower(c.request_body), address) > 0
                    OR strpos(lower(c.request_body), escaped) > 0)
             + (SELECT count(*) FROM payapi.webhook_events AS e
                 WHERE e.body <> ''
                   AND (e.payment_id = ANY (paid)
                        OR strpos(lower(encode(e.body, 'escape')),
                                  encode(convert_to(address, 'UTF8'), 'escape')) > 0));

    INSERT INTO payapi.audit_log (order_id, actor, action, body, trace_id)
    SELECT o.order_id, erase_email.actor, 'personal-data.erased', '{}', erase_email.trace_id
      FROM unnest(whose) AS o (order_id);
    INSERT INTO payapi.audit_log (actor, action, body, trace_id)
    VALUES (erase_email.actor, 'personal-data.erased',
            format('{"orders":%s,"requests":%s,"events":%s,"answers":%s,"waiting":%s}',
                   orders_erased, requests_emptied, events_emptied, answers_cleaned, waiting),
            erase_email.trace_id);
END
$$;
COMMENT ON FUNCTION payapi.erase_email IS
    'removes a person''s address, and what came with it, from everything that is finished; the '
    'audit log records the erasure but not whose data it was';

COMMIT;
