-- A refund that failed by our own conclusion, and that the provider has made all the same: its word counts.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE OR REPLACE FUNCTION payapi.refunds_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        broken := CASE
            WHEN NOT payapi.id_has_form(NEW.refund_id, 'ref_') THEN 'refund_id_has_form'
            WHEN NEW.status NOT IN ('pending', 'requires_action', 'succeeded', 'cancelled', 'failed')
                THEN 'refund_status_is_known'
            WHEN NEW.origin NOT IN ('api', 'provider', 'surplus', 'elsewhere') THEN 'refund_origin_is_known'
        END;
    ELSE
        broken := CASE
            WHEN (NEW.refund_id, NEW.payment_id, NEW.amount_minor, NEW.currency, NEW.provider, NEW.client_key, NEW.origin, NEW.created_at)
                 IS DISTINCT FROM (OLD.refund_id, OLD.payment_id, OLD.amount_minor, OLD.currency, OLD.provider, OLD.client_key, OLD.origin, OLD.created_at)
                THEN 'refund_is_immutable'
            WHEN NEW.status NOT IN ('pending', 'requires_action', 'succeeded', 'cancelled', 'failed')
                THEN 'refund_status_is_known'
            WHEN payapi.refund_rank(NEW.status) < payapi.refund_rank(OLD.status)
                 AND NOT (OLD.status = 'failed' AND OLD.provider_ref IS NULL AND NEW.provider_ref IS NOT NULL)
                THEN 'refund_never_goes_back'
            WHEN OLD.provider_ref <> NEW.provider_ref OR (OLD.provider_ref IS NOT NULL AND NEW.provider_ref IS NULL)
                THEN 'refund_ref_is_written_once'
        END;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'refund %: %', NEW.refund_id, broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;

COMMIT;
