-- What payapi-deliver does in the database, and its role. It reads the answers of strangers, so it
-- writes nothing itself: it may call these functions and see endpoints, no more.
-- Locks: none
BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payapi_deliver') THEN
        CREATE ROLE payapi_deliver NOLOGIN;
        COMMENT ON ROLE payapi_deliver IS 'may plan and record deliveries; for payapi-deliver only';
    END IF;
END
$$;

SET LOCAL ROLE payapi_owner;

-- The events that have become visible since the last planning, exactly: those of transactions that
-- the former snapshot does not see and the new one does. After a restore into another cluster
-- transaction ids start anew; then times and the order of writing decide, and what that cluster wrote
-- under greater ids than the new one has stays planned.
CREATE FUNCTION payapi.unplanned_events(former payapi.webhook_planning, seen pg_snapshot)
    RETURNS SETOF bigint LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT audit_id FROM payapi.audit_log
     WHERE former.system_id = (SELECT system_identifier FROM pg_control_system())
       AND payapi.xid_number(xid) >= payapi.xid_number(pg_snapshot_xmax(former.planned_to))
       AND payapi.xid_number(xid) < payapi.xid_number(pg_snapshot_xmax(seen))
       AND audit_id > former.restored_id
       AND event_id IS NOT NULL AND pg_visible_in_snapshot(xid, seen)
    UNION ALL
    SELECT audit_id FROM payapi.audit_log
     WHERE former.system_id = (SELECT system_identifier FROM pg_control_system())
       AND payapi.xid_number(xid) = ANY (ARRAY(
               SELECT payapi.xid_number(x) FROM pg_snapshot_xip(former.planned_to) AS x))
       AND audit_id > former.restored_id
       AND event_id IS NOT NULL AND pg_visible_in_snapshot(xid, seen)
    UNION ALL
    SELECT audit_id FROM payapi.audit_log
     WHERE former.system_id <> (SELECT system_identifier FROM pg_control_system())
       AND event_id IS NOT NULL
       AND (audit_id > former.planned_id OR NOT pg_visible_in_snapshot(xid, former.planned_to));
END;
COMMENT ON FUNCTION payapi.unplanned_events IS 'the rows of the audit log that are to be planned';

-- seen, or what it sees of the transactions before the one that begins the next piece.
CREATE FUNCTION payapi.snapshot_piece(former payapi.webhook_planning, seen pg_snapshot,
                                      at_most integer) RETURNS pg_snapshot
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH last AS (
        SELECT payapi.xid_number(xid) + 1 AS piece_end FROM payapi.audit_log
         WHERE payapi.xid_number(xid) >= payapi.xid_number(pg_snapshot_xmax(former.planned_to))
           AND payapi.xid_number(xid) < payapi.xid_number(pg_snapshot_xmax(seen))
           AND audit_id > former.restored_id
         ORDER BY payapi.xid_number(xid), audit_id OFFSET at_most - 1 LIMIT 1)
    SELECT coalesce(
               (SELECT format('%s:%s:%s', coalesce(min(payapi.xid_number(x)), l.piece_end),
                              l.piece_end,
                              string_agg(x::text, ',' ORDER BY x))::pg_snapshot
                  FROM last AS l
                       LEFT JOIN pg_snapshot_xip(seen) AS x ON payapi.xid_number(x) < l.piece_end
                 GROUP BY l.piece_end),
               seen);
END;
COMMENT ON FUNCTION payapi.snapshot_piece IS
    'how far to plan, so that it is about at_most rows: more only if they are of one transaction';

-- An idle system is only looked at, and noted every few seconds.
CREATE FUNCTION payapi.plan_deliveries(at_most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
DECLARE
    former webhook_planning;
    seen   pg_snapshot;
    here   bigint := (SELECT system_identifier FROM pg_control_system());
    news   bigint[];
BEGIN
    SELECT * INTO former FROM webhook_planning;
    IF former.planned_at > clock_timestamp() - interval '3 seconds'
       AND NOT EXISTS (SELECT FROM unplanned_events(former, pg_current_snapshot())) THEN
        RETURN 0;
    END IF;
    SELECT * INTO former FROM webhook_planning FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    PERFORM FROM webhook_endpoints WHERE status <> 'deleted'
      ORDER BY endpoint_id FOR NO KEY UPDATE;
    seen := pg_current_snapshot();
    IF former.system_id = here THEN
        seen := snapshot_piece(former, seen, at_most);
    END IF;
    news := ARRAY(SELECT e FROM unplanned_events(former, seen) AS e);
    -- A transaction with a greater id may have told of the payment first. The end of a piece must not
    -- part the two: the earlier event would come after the later one.
    news := news || ARRAY(SELECT DISTINCT b.audit_id
                            FROM audit_log AS a
                                 JOIN audit_log AS b
                                   ON b.payment_id = a.payment_id AND b.seq < a.seq
                           WHERE a.audit_id = ANY (news) AND b.event_id IS NOT NULL
                             AND b.audit_id > former.restored_id AND former.system_id = here
                             AND NOT b.audit_id = ANY (news)
                             AND NOT pg_visible_in_snapshot(b.xid, former.planned_to));

    WITH fresh AS (
        SELECT delivery_id_of(e.endpoint_id, a.event_id) AS delivery_id, e.endpoint_id, a.audit_id,
               a.payment_id, a.seq, at_ms(a.at_us / 1000) AS event_at
          FROM audit_log AS a
               JOIN webhook_endpoints AS e
                 ON e.status = 'enabled' AND (e.events = '{*}' OR a.event_type = ANY (e.events))
         WHERE a.audit_id = ANY (news) AND a.event_type <> 'webhook_endpoint.test'
           AND CASE WHEN former.system_id = here
                    THEN NOT pg_visible_in_snapshot(a.xid, e.after_events)
                    ELSE at_ms(a.at_us / 1000) >= e.created_at END),
    missing AS (
        SELECT f.*, lag(f.seq) OVER (PARTITION BY f.endpoint_id, f.payment_id
                                     ORDER BY f.seq) AS seq_before
          FROM fresh AS f
         WHERE NOT EXISTS (SELECT FROM webhook_deliveries AS d
                            WHERE d.delivery_id = f.delivery_id))
    INSERT INTO webhook_deliveries
           (delivery_id, endpoint_id, audit_id, payment_id, seq, status, next_at, event_at)
    SELECT m.delivery_id, m.endpoint_id, m.audit_id, m.payment_id, m.seq,
           CASE WHEN m.payment_id IS NOT NULL
                     AND (m.seq_before IS NOT NULL
                          OR EXISTS (SELECT FROM webhook_deliveries AS d
                                      WHERE d.payment_id = m.payment_id
                                        AND d.endpoint_id = m.endpoint_id
                                        AND d.seq < m.seq AND NOT d.released))
                THEN 'waiting' ELSE 'pending' END,
           clock_timestamp(), m.event_at
      FROM missing AS m;

    IF former.system_id <> here THEN
        UPDATE webhook_endpoints SET after_events = seen WHERE status <> 'deleted';
        former.restored_id := coalesce(
            (SELECT max(audit_id) FROM audit_log
              WHERE xid_number(xid) >= xid_number(pg_snapshot_xmax(seen))), 0);
    END IF;
    UPDATE webhook_planning
       SET planned_to = seen, system_id = here, planned_at = clock_timestamp(),
           restored_id = former.restored_id,
           planned_id = greatest(planned_id, (SELECT max(n) FROM unnest(news) AS n));
    RETURN cardinality(news);
END
$$;
COMMENT ON FUNCTION payapi.plan_deliveries IS
    'makes the deliveries of new events; returns how many events there were, 0 also while another '
    'process plans';

-- No more than an endpoint takes at a time, those with few on their way first. A lease that ended
-- without an outcome was the attempt of a process that died: it is recorded, and another one begins.
CREATE FUNCTION payapi.claim_deliveries(at_most integer, lease_ms integer)
    RETURNS TABLE (delivery_id text, endpoint_id text, url text, generation integer,
                   signs_from integer, former_until timestamptz, attempt integer,
                   tries_before integer, event_id text, event_type text, event_at_ms bigint,
                   seq bigint, payload text, trace_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
#variable_conflict use_column
DECLARE
    started     timestamptz(3) := clock_timestamp();
    due         text[];
    chosen      text[];
    interrupted text[];
BEGIN
    due := ARRAY(SELECT e.endpoint_id FROM webhook_endpoints AS e
                  WHERE e.status = 'enabled'
                    AND EXISTS (SELECT FROM webhook_deliveries AS d
                                 WHERE d.endpoint_id = e.endpoint_id
                                   AND d.status IN ('pending', 'sending') AND d.next_at <= started)
                  FOR NO KEY UPDATE SKIP LOCKED);
    chosen := ARRAY(
        SELECT d.delivery_id
          FROM webhook_endpoints AS e
               CROSS JOIN LATERAL (
                   SELECT count(*) AS flying FROM webhook_deliveries AS s
                    WHERE s.endpoint_id = e.endpoint_id AND s.status = 'sending'
                      AND s.next_at > started) AS f
               CROSS JOIN LATERAL (
                   SELECT n.delivery_id, n.next_at,
                          f.flying + row_number() OVER (ORDER BY n.next_at) AS place
                     FROM (SELECT b.delivery_id, b.next_at
                             FROM (VALUES ('pending'), ('sending')) AS s (status)
                                  CROSS JOIN LATERAL (
                                      SELECT p.delivery_id, p.next_at FROM webhook_deliveries AS p
                                       WHERE p.endpoint_id = e.endpoint_id
                                         AND p.status = s.status
                                         AND p.status IN ('pending', 'sending')
                                         AND p.next_at <= started
                                       ORDER BY p.next_at LIMIT e.in_flight_max) AS b
                            ORDER BY b.next_at
                            LIMIT greatest(e.in_flight_max - f.flying, 0)) AS n) AS d
         WHERE e.endpoint_id = ANY (due)
         ORDER BY d.place, d.next_at
         LIMIT at_most);

    interrupted := ARRAY(SELECT delivery_id FROM webhook_deliveries
                          WHERE delivery_id = ANY (chosen) AND status = 'sending');
    INSERT INTO webhook_delivery_attempts
           (delivery_id, attempt, at, duration_ms, error, answer)
    SELECT d.delivery_id, d.attempts, d.next_at - lease_ms * interval '1 millisecond', lease_ms,
           'interrupted', ''
      FROM webhook_deliveries AS d
     WHERE d.delivery_id = ANY (interrupted);
    UPDATE webhook_deliveries SET released = true
     WHERE delivery_id = ANY (interrupted) AND attempts - tries_before >= 3;
    PERFORM release_waiting(interrupted);

    RETURN QUERY
    WITH claimed AS (
        UPDATE webhook_deliveries AS d
           SET status = 'sending', attempts = d.attempts + 1,
               next_at = started + lease_ms * interval '1 millisecond'
         WHERE d.delivery_id = ANY (chosen)
        RETURNING d.delivery_id, d.endpoint_id, d.audit_id, d.attempts, d.tries_before, d.seq)
    SELECT c.delivery_id, c.endpoint_id, e.url, e.generation, e.signs_from, e.former_until,
           c.attempts, c.tries_before, a.event_id, a.event_type, a.at_us / 1000, c.seq,
           a.event_payload, a.trace_id
      FROM claimed AS c
           JOIN webhook_endpoints AS e USING (endpoint_id)
           JOIN audit_log AS a USING (audit_id);
END
$$;
COMMENT ON FUNCTION payapi.claim_deliveries IS
    'leases what is due; the attempt''s number is the fence of finish_deliveries';

-- results: [{"deliveryId", "attempt", "atMs", "durationMs", "httpStatus" (null: no answer), "error"
-- ("": accepted), "answer", "nextMs" (of the next attempt; null: none)}], in the order of their ends.
-- An outcome whose lease was lost changes nothing. Returns how the endpoints fare now.
CREATE FUNCTION payapi.finish_deliveries(results json)
    RETURNS TABLE (endpoint_id text, failures integer, failing_since timestamptz, recorded bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
#variable_conflict use_column
DECLARE
    finished timestamptz(3) := clock_timestamp();
BEGIN
    PERFORM FROM webhook_endpoints AS e
      WHERE e.endpoint_id IN (SELECT d.endpoint_id FROM webhook_deliveries AS d
                               WHERE d.delivery_id IN (SELECT r ->> 'deliveryId'
                                                         FROM json_array_elements(results) AS r))
      ORDER BY e.endpoint_id FOR NO KEY UPDATE;
    RETURN QUERY
    WITH result AS (
        SELECT r."deliveryId" AS delivery_id, r.attempt, r."atMs" AS at_ms,
               r."durationMs" AS duration_ms, r."httpStatus" AS http_status, r.error, r.answer,
               r."nextMs" AS next_ms, r.ordinality AS place
          FROM ROWS FROM (json_to_recordset(results) AS
                   ("deliveryId" text, attempt integer, "atMs" bigint, "durationMs" integer,
                    "httpStatus" integer, error text, answer text, "nextMs" bigint))
               WITH ORDINALITY AS r),
    ended AS (
        UPDATE webhook_deliveries AS d
           SET status = CASE WHEN r.error = '' THEN 'delivered'
                             WHEN r.next_ms IS NULL THEN 'failed' ELSE 'pending' END,
               released = d.released OR r.error = '' OR r.next_ms IS NULL
                          OR d.attempts - d.tries_before >= 3,
               next_at = coalesce(at_ms(r.next_ms), d.next_at),
               delivered_at = CASE WHEN r.error = '' THEN coalesce(d.delivered_at, finished)
                                   ELSE d.delivered_at END
          FROM result AS r
         WHERE d.delivery_id = r.delivery_id AND d.attempts = r.attempt AND d.status = 'sending'
        RETURNING d.delivery_id, d.endpoint_id, d.payment_id, r.place, r.error = '' AS accepted),
    kept AS (
        INSERT INTO webhook_delivery_attempts
               (delivery_id, attempt, at, duration_ms, http_status, error, answer)
        SELECT r.delivery_id, r.attempt, at_ms(r.at_ms), r.duration_ms, r.http_status, r.error,
               r.answer
          FROM result AS r JOIN ended AS d USING (delivery_id, place)),
    counted AS (
        SELECT d.endpoint_id, bool_or(d.accepted) AS any_accepted, count(*) AS recorded,
               count(*) FILTER (WHERE d.place > coalesce(l.place, 0)) AS failures
          FROM ended AS d
               LEFT JOIN (SELECT x.endpoint_id, max(x.place) AS place FROM ended AS x
                           WHERE x.accepted GROUP BY x.endpoint_id) AS l USING (endpoint_id)
         GROUP BY d.endpoint_id),
    fared AS (
        SELECT c.endpoint_id, c.recorded, c.any_accepted,
               (CASE WHEN c.any_accepted THEN 0 ELSE e.failures END + c.failures)::integer
                   AS failures
          FROM counted AS c JOIN webhook_endpoints AS e USING (endpoint_id)),
    noted AS (
        UPDATE webhook_endpoints AS e
           SET failures = f.failures,
               failing_since = CASE WHEN f.failures = 0 THEN NULL
                                    WHEN f.any_accepted OR e.failing_since IS NULL THEN finished
                                    ELSE e.failing_since END,
               in_flight_max = CASE WHEN f.failures >= 5 THEN 1
                                    WHEN f.any_accepted THEN least(e.in_flight_max * 2, 4)
                                    ELSE e.in_flight_max END
          FROM fared AS f
         WHERE e.endpoint_id = f.endpoint_id AND e.status <> 'deleted'
           AND (f.failures > 0 OR e.failures > 0 OR e.in_flight_max < 4)
        RETURNING e.endpoint_id, e.failures, e.failing_since)
    SELECT f.endpoint_id, f.failures, n.failing_since, f.recorded
      FROM fared AS f LEFT JOIN noted AS n USING (endpoint_id);

    PERFORM release_waiting(ARRAY(SELECT r ->> 'deliveryId'
                                    FROM json_array_elements(results) AS r));
END
$$;
COMMENT ON FUNCTION payapi.finish_deliveries IS
    'records the outcomes of attempts and releases what waited for them';

-- The event tells the other endpoints. False: it was not enabled any more.
CREATE FUNCTION payapi.disable_endpoint(id text, reason text, event_id text, payload text,
                                        trace_id text)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = payapi, pg_temp AS $$
BEGIN
    UPDATE webhook_endpoints
       SET status = 'disabled', disabled_reason = reason, updated_at = now()
     WHERE endpoint_id = id AND status = 'enabled';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO audit_log (actor, action, body, trace_id, event_id, event_type, event_payload)
    VALUES ('deliver', 'webhook-endpoint.disabled',
            json_build_object('endpointId', id, 'reason', reason)::text, trace_id, event_id,
            'webhook_endpoint.disabled', payload);
    RETURN true;
END
$$;
COMMENT ON FUNCTION payapi.disable_endpoint IS
    'ends what is sent to an endpoint that is gone or has failed for days';

GRANT USAGE ON SCHEMA payapi TO payapi_deliver;
GRANT SELECT ON payapi.webhook_endpoints TO payapi_deliver;
GRANT EXECUTE ON FUNCTION payapi.ms, payapi.schema_version, payapi.plan_deliveries,
    payapi.claim_deliveries, payapi.finish_deliveries, payapi.disable_endpoint TO payapi_deliver;

COMMIT;
