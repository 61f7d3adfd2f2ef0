-- The schema in force, made by `make schema` from sql/deploy. Nothing runs this file;
-- tests/store/test_schema.py compares it with a freshly deployed database.

-- --- Roles -------------------------------------------------------------------------------------

-- rights of workers and jobs: no DELETE, no UPDATE of history
CREATE ROLE payapi_app NOLOGIN;
-- may follow payments; for payapi-stream only
CREATE ROLE payapi_live NOLOGIN;
-- owns the schema payapi; used by migrations only
CREATE ROLE payapi_owner NOLOGIN;
-- read-only: reports and support
CREATE ROLE payapi_read NOLOGIN;
-- may add audit checkpoints; for payapi-jobs only
CREATE ROLE payapi_sealer NOLOGIN;

-- --- Schema ------------------------------------------------------------------------------------

-- payments, and everything needed to prove what happened to them
CREATE SCHEMA payapi AUTHORIZATION payapi_owner;
GRANT USAGE ON SCHEMA payapi TO payapi_app;
GRANT USAGE ON SCHEMA payapi TO payapi_deliver;
GRANT USAGE ON SCHEMA payapi TO payapi_live;
GRANT USAGE ON SCHEMA payapi TO payapi_read;
GRANT USAGE ON SCHEMA payapi TO payapi_sealer;
ALTER DEFAULT PRIVILEGES FOR ROLE payapi_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE payapi_owner IN SCHEMA payapi GRANT SELECT ON TABLES TO
    payapi_app;
ALTER DEFAULT PRIVILEGES FOR ROLE payapi_owner IN SCHEMA payapi GRANT SELECT ON TABLES TO
    payapi_read;

-- --- Domains -----------------------------------------------------------------------------------

-- ISO 4217 alphabetic code
CREATE DOMAIN payapi.currency_code AS text
    CONSTRAINT currency_is_three_capitals CHECK (VALUE ~ '^[A-Z]{3}$'::text);
-- ISO 4217 minor units, never a fraction of one
CREATE DOMAIN payapi.minor_amount AS bigint
    CONSTRAINT amount_in_bounds CHECK (VALUE >= 0 AND VALUE <= '999999999999'::bigint);

-- --- Tables ------------------------------------------------------------------------------------

-- keys of back ends; rows are kept after their end
CREATE TABLE payapi.api_keys (
    -- names the key in the audit: key:KEY_ID
    key_id       text NOT NULL,
    -- SHA-256 of the key, which has 178 random bits; the key itself is nowhere
    key_hash     bytea NOT NULL,
    -- payapi_live_ or payapi_test_; must fit our keys at the providers
    live         boolean NOT NULL,
    -- the first 8 of its random characters, for people to tell keys apart
    shown        text NOT NULL,
    -- what it is for; owner of the orders made with it without ownerId
    name         text NOT NULL,
    -- what it allows, e.g. orders:read; a scope that the programs do not know allows nothing
    scopes       text[] NOT NULL,
    -- where its callers must be; empty: anywhere
    networks     cidr[] NOT NULL DEFAULT '{}'::cidr[],
    -- when it was made
    created_at   timestamp(3) with time zone NOT NULL,
    -- who made it, as in the audit
    created_by   text NOT NULL,
    -- refused from then on; null: never
    expires_at   timestamp(3) with time zone,
    -- refused since then, for ever; null: not revoked
    revoked_at   timestamp(3) with time zone,
    -- who revoked it, as in the audit
    revoked_by   text,
    -- the minute of its last good request; null: never used
    last_used_at timestamp(3) with time zone,
    CONSTRAINT api_keys_pkey PRIMARY KEY (key_id),
    CONSTRAINT api_key_once UNIQUE (key_hash)
);
CREATE TRIGGER api_keys_append_only BEFORE DELETE OR TRUNCATE ON payapi.api_keys FOR EACH STATEMENT
    EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER api_keys_guard BEFORE INSERT OR UPDATE ON payapi.api_keys FOR EACH ROW EXECUTE
    FUNCTION payapi.api_keys_guard();
GRANT INSERT, SELECT ON payapi.api_keys TO payapi_app;
GRANT SELECT ON payapi.api_keys TO payapi_read;
GRANT UPDATE (revoked_at, revoked_by, last_used_at) ON payapi.api_keys TO payapi_app;

-- append-only chain of signed Merkle roots over audit_log; written by payapi_sealer
CREATE TABLE payapi.audit_checkpoints (
    -- 1, 2, 3 ...; a number that is already taken is skipped
    checkpoint_no bigint NOT NULL,
    -- with from_id, the place after which it begins: where the previous one ended
    from_xid      bigint NOT NULL,
    -- with to_id, the place where it ends; all transactions up to there had ended
    to_xid        bigint NOT NULL,
    -- audit rows in that range
    row_count     bigint NOT NULL,
    -- Merkle root over their leaves (RFC 6962) in the order payment_id, seq
    root          bytea NOT NULL,
    -- hash of the previous checkpoint; 32 zero bytes for the first
    prev          bytea NOT NULL,
    -- SHA-256 over number, prev, root, count, range and time
    hash          bytea NOT NULL,
    -- Ed25519 over hash; the key is never in the database
    signature     bytea NOT NULL,
    -- when it was made, Unix milliseconds
    made_at_ms    bigint NOT NULL,
    -- version of the text that is hashed: 1, or 2, which covers all columns
    form          smallint NOT NULL,
    -- 1, 2 ...: transaction ids of different epochs cannot be compared
    epoch         integer NOT NULL,
    -- system identifier of the cluster (pg_control); 0 in form 1
    system_id     bigint NOT NULL,
    -- greatest audit_id when the epoch was opened: rows up to it are sealed by audit_id
    floor_id      bigint NOT NULL,
    -- audit_id of the place after which it begins
    from_id       bigint NOT NULL,
    -- audit_id of the place where it ends
    to_id         bigint NOT NULL,
    -- why its maker accepts the loss of earlier checkpoints; empty: no loss is accepted
    note          text NOT NULL,
    -- greatest audit_id that its epoch covers so far
    last_id       bigint NOT NULL,
    CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (checkpoint_no),
    CONSTRAINT checkpoint_covers_rows CHECK (row_count > 0),
    CONSTRAINT checkpoint_hashes_are_sha256 CHECK (length(root) = 32 AND length(prev) = 32 AND
        length(hash) = 32),
    CONSTRAINT checkpoint_no_is_positive CHECK (checkpoint_no > 0),
    CONSTRAINT checkpoint_note_is_short CHECK (octet_length(note) <= 200 AND note !~
        '[[:cntrl:]]'::text),
    CONSTRAINT checkpoint_range_goes_on CHECK ((ROW(to_xid, to_id) > ROW(from_xid, from_id))),
    CONSTRAINT checkpoint_signature_is_ed25519 CHECK (length(signature) = 64)
);
-- how far each epoch reaches
CREATE INDEX audit_checkpoints_by_epoch ON payapi.audit_checkpoints USING btree (epoch, last_id);
-- checkpoints that accept a loss
CREATE INDEX audit_checkpoints_with_note ON payapi.audit_checkpoints USING btree (checkpoint_no)
    WHERE (note <> ''::text);
CREATE TRIGGER audit_checkpoints_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON
    payapi.audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
GRANT INSERT ON payapi.audit_checkpoints TO payapi_sealer;
GRANT SELECT ON payapi.audit_checkpoints TO payapi_app;
GRANT SELECT ON payapi.audit_checkpoints TO payapi_read;

-- append-only record of every change; rows with an event_id are domain events too
CREATE TABLE payapi.audit_log (
    -- in the order of writing, for readers that follow the log; may have gaps
    audit_id      bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    -- the order it is about, if any
    order_id      text,
    -- the payment it is about, if any
    payment_id    text,
    -- 1, 2, 3 ... within the payment; no gaps
    seq           bigint,
    -- Unix microseconds by the database's clock
    at_us         bigint NOT NULL DEFAULT ((EXTRACT(epoch FROM clock_timestamp()) *
        (1000000)::numeric))::bigint,
    -- user:SUB, shop:SUB, admin:SUB, webhook:PROVIDER, pull:PROVIDER, jobs
    actor         text NOT NULL,
    -- what was done, e.g. status, order.created; call.checkout: an answer that changed nothing;
    -- announced: a second event
    action        text NOT NULL,
    -- JSON text: ids and amounts, no personal data
    body          text NOT NULL,
    -- of the request that did it
    trace_id      text NOT NULL,
    -- evt_ and 26 characters: the receiver's duplicate check; null: nobody is told of the change
    event_id      text,
    -- of the event, e.g. payment.completed
    event_type    text,
    -- of the event: the resource as it was after the change, JSON text
    event_payload text,
    -- the writing transaction, so that checkpoints take only what is surely committed
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT audit_log_pkey PRIMARY KEY (audit_id),
    CONSTRAINT number_given_once UNIQUE (payment_id, seq)
);
-- GET /audit?action= of what is rare; the other actions are everywhere in the log
CREATE INDEX audit_log_by_action ON payapi.audit_log USING btree (action, at_us, audit_id) WHERE
    (action <> ALL (ARRAY['order.created'::text, 'payment.created'::text, 'status'::text]));
-- GET /audit?actor=
CREATE INDEX audit_log_by_actor ON payapi.audit_log USING btree (actor, at_us, audit_id);
-- GET /audit?orderId=, and what a timeline tells of its order
CREATE INDEX audit_log_by_order ON payapi.audit_log USING btree (order_id, at_us, audit_id);
-- the order in which rows are sealed
CREATE INDEX audit_log_by_place ON payapi.audit_log USING btree (payapi.xid_number(xid), audit_id);
-- GET /audit, newest first
CREATE INDEX audit_log_by_time ON payapi.audit_log USING btree (at_us, audit_id);
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payapi.audit_log FOR EACH
    STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER audit_number BEFORE INSERT ON payapi.audit_log FOR EACH ROW EXECUTE FUNCTION
    payapi.audit_number();
GRANT SELECT ON payapi.audit_log TO payapi_app;
GRANT SELECT ON payapi.audit_log TO payapi_read;
GRANT INSERT (order_id, payment_id, actor, action, body, trace_id, event_id, event_type,
    event_payload) ON payapi.audit_log TO payapi_app;
GRANT SELECT (payment_id, seq, event_type) ON payapi.audit_log TO payapi_live;

-- payments contested by the payer's bank
CREATE TABLE payapi.disputes (
    -- dsp_ and 26 characters: sorts by time
    dispute_id       text NOT NULL,
    -- the contested payment; immutable
    payment_id       text NOT NULL,
    -- who reports it; immutable
    provider         text NOT NULL,
    -- the provider's dispute (Stripe dp_...); immutable
    provider_ref     text NOT NULL,
    -- the contested amount, ISO 4217 minor units
    amount_minor     payapi.minor_amount NOT NULL,
    -- of all its amounts; immutable
    currency         payapi.currency_code NOT NULL,
    -- inquiry (no money moves yet), open, closed (ended without verdict and without loss), won,
    -- lost; follows the newest report
    status           text NOT NULL,
    -- won and lost were both reported for the same moment; the status is open until the provider
    -- is asked
    contradictory    boolean NOT NULL DEFAULT false,
    -- the time of the newest report on its status, Unix milliseconds; never goes back
    told_at_ms       bigint NOT NULL,
    -- the provider's own name for the status, e.g. needs_response
    provider_status  text NOT NULL DEFAULT ''::text,
    -- the provider's own word, e.g. fraudulent
    reason           text NOT NULL DEFAULT ''::text,
    -- until when the shop may answer it, the latest time reported; null: never reported
    due_at           timestamp(3) with time zone,
    -- fact: taken from the shop; never shrinks
    withdrawn_minor  payapi.minor_amount NOT NULL DEFAULT 0,
    -- fact: how much of that was given back; never shrinks
    reinstated_minor payapi.minor_amount NOT NULL DEFAULT 0,
    -- when we learned of it
    created_at       timestamp(3) with time zone NOT NULL,
    -- when its facts last changed
    updated_at       timestamp(3) with time zone NOT NULL,
    -- the provider has reported no amount, so amount_minor is the whole charge until it does
    amount_assumed   boolean NOT NULL DEFAULT false,
    CONSTRAINT disputes_pkey PRIMARY KEY (dispute_id),
    CONSTRAINT dispute_ref_once UNIQUE (provider, provider_ref),
    CONSTRAINT disputes_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES
        payapi.payments(payment_id),
    CONSTRAINT contradiction_reads_open CHECK (NOT contradictory OR status = 'open'::text),
    CONSTRAINT dispute_amount_is_positive CHECK (amount_minor::bigint > 0),
    CONSTRAINT dispute_id_has_form CHECK (dispute_id ~ '^dsp_[0-9A-HJKMNP-TV-Z]{26}$'::text),
    CONSTRAINT dispute_ref_is_named CHECK (provider_ref <> ''::text),
    CONSTRAINT dispute_status_is_known CHECK (payapi.dispute_rank(status, false) IS NOT NULL),
    CONSTRAINT reinstated_within_withdrawn CHECK (reinstated_minor::bigint <=
        withdrawn_minor::bigint)
);
CREATE INDEX disputes_by_payment ON payapi.disputes USING btree (payment_id, dispute_id);
CREATE TRIGGER disputes_guard BEFORE UPDATE ON payapi.disputes FOR EACH ROW EXECUTE FUNCTION
    payapi.disputes_guard();
CREATE TRIGGER disputes_stay BEFORE DELETE OR TRUNCATE ON payapi.disputes FOR EACH STATEMENT
    EXECUTE FUNCTION payapi.refuse_change();
GRANT INSERT, SELECT ON payapi.disputes TO payapi_app;
GRANT SELECT ON payapi.disputes TO payapi_read;
GRANT UPDATE (amount_minor, status, contradictory, told_at_ms, provider_status, reason, due_at,
    withdrawn_minor, reinstated_minor, updated_at, amount_assumed) ON payapi.disputes TO payapi_app;

-- requests that must have one effect and one answer
CREATE TABLE payapi.idempotency_keys (
    -- subject of the token, empty for API keys, which share theirs; keys of other subjects never
    -- match
    principal            text NOT NULL,
    -- method and pattern, e.g. POST /api/v1/orders/:id/checkout
    route                text NOT NULL,
    -- the client's key, without quotes
    key                  text NOT NULL,
    -- SHA-256 of method, path and body, hex; a different request with this key is refused
    fingerprint          text NOT NULL,
    -- running or done
    state                text NOT NULL DEFAULT 'running'::text,
    -- random mark by which the request that runs it recognizes its own claim
    holder               text NOT NULL,
    -- grows with each take-over; an old runner cannot finish
    fence                bigint NOT NULL DEFAULT 1,
    -- after this time a repeated request may take over
    locked_until         timestamp with time zone NOT NULL,
    -- the payment that this request opened: written in the same transaction, a moment earlier, so
    -- an invariant (I11) takes the place of a foreign key; only ever compared
    payment_id           text,
    -- HTTP status of the first answer
    answer_status        integer,
    -- its body, byte for byte
    answer_body          text,
    -- its Retry-After in seconds; 0: none
    answer_retry_after_s integer,
    -- purged IDEMPOTENCY_TTL_H hours after this
    created_at           timestamp(3) with time zone NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (principal, route, key)
) WITH (fillfactor=50);
-- the oldest keys, which are purged
CREATE INDEX idempotency_keys_by_age ON payapi.idempotency_keys USING btree (created_at);
CREATE TRIGGER idempotency_keys_guard BEFORE INSERT OR UPDATE ON payapi.idempotency_keys FOR EACH
    ROW EXECUTE FUNCTION payapi.idempotency_keys_guard();
GRANT INSERT, SELECT ON payapi.idempotency_keys TO payapi_app;
GRANT SELECT ON payapi.idempotency_keys TO payapi_read;
GRANT UPDATE (fingerprint, state, holder, fence, locked_until, payment_id, answer_status,
    answer_body, answer_retry_after_s, created_at) ON payapi.idempotency_keys TO payapi_app;

-- one row: the last sign of life of payapi-jobs, whichever instance runs
CREATE TABLE payapi.job_rounds (
    -- true: there is never a second row
    only_row    boolean NOT NULL DEFAULT true,
    -- when it last finished a round of due work; 1970: never
    finished_at timestamp with time zone NOT NULL,
    CONSTRAINT job_rounds_pkey PRIMARY KEY (only_row),
    CONSTRAINT job_rounds_one_row CHECK (only_row)
);
GRANT SELECT ON payapi.job_rounds TO payapi_app;
GRANT SELECT ON payapi.job_rounds TO payapi_read;
GRANT UPDATE (finished_at) ON payapi.job_rounds TO payapi_app;

-- ledger rows that the provider has too, and what the provider kept of each
CREATE TABLE payapi.ledger_confirmations (
    -- the row of the ledger
    transaction_id    text NOT NULL,
    -- the comparison that first found it there
    reconciliation_id text NOT NULL,
    -- the provider's object that matches (Stripe ch_..., re_..., dp_...)
    told_ref          text NOT NULL,
    -- when the money moved, according to the provider; null: we asked for the object by name, and
    -- the answer gave no time
    told_at           timestamp(3) with time zone,
    -- what the provider kept, in settled_currency; null: not reported
    fee_minor         bigint,
    -- what reached the shop's balance, negative if it left; null: not reported
    net_minor         bigint,
    -- of fee and net; null: neither was reported
    settled_currency  payapi.currency_code,
    -- when it was first found there
    confirmed_at      timestamp(3) with time zone NOT NULL,
    CONSTRAINT ledger_confirmations_pkey PRIMARY KEY (transaction_id),
    CONSTRAINT ledger_confirmations_reconciliation_id_fkey FOREIGN KEY (reconciliation_id)
        REFERENCES payapi.reconciliations(reconciliation_id),
    CONSTRAINT ledger_confirmations_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES
        payapi.transactions(transaction_id)
);
CREATE TRIGGER ledger_confirmations_are_kept BEFORE DELETE OR TRUNCATE ON
    payapi.ledger_confirmations FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER ledger_confirmations_guard BEFORE INSERT OR UPDATE ON payapi.ledger_confirmations
    FOR EACH ROW EXECUTE FUNCTION payapi.ledger_confirmations_guard();
GRANT INSERT, SELECT ON payapi.ledger_confirmations TO payapi_app;
GRANT SELECT ON payapi.ledger_confirmations TO payapi_read;
GRANT UPDATE (told_at, fee_minor, net_minor, settled_currency) ON payapi.ledger_confirmations TO
    payapi_app;

-- what a shop wants to be paid for
CREATE TABLE payapi.orders (
    -- the shop's own id, or ord_ and 26 characters
    order_id       text NOT NULL,
    -- subject of the token that created the order; other users cannot see it
    owner_id       text NOT NULL,
    -- amount to pay in ISO 4217 minor units; immutable
    amount_minor   payapi.minor_amount NOT NULL,
    -- ISO 4217 code; immutable
    currency       payapi.currency_code NOT NULL,
    -- open, paid (the money has arrived), refunded (all of it went back)
    status         text NOT NULL DEFAULT 'open'::text,
    -- shown to the payer
    description    text NOT NULL DEFAULT ''::text,
    -- personal data: given to the provider, masked elsewhere; empty: unknown
    customer_email text NOT NULL DEFAULT ''::text,
    -- the shop's own string pairs, kept as sent
    metadata       json NOT NULL DEFAULT '{}'::json,
    -- when the order was created
    created_at     timestamp(3) with time zone NOT NULL,
    -- when its status last changed
    updated_at     timestamp(3) with time zone NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (order_id),
    CONSTRAINT order_amount_key UNIQUE (order_id, amount_minor, currency),
    CONSTRAINT order_amount_is_positive CHECK (amount_minor::bigint > 0)
);
CREATE INDEX orders_by_owner ON payapi.orders USING btree (owner_id, created_at DESC, order_id
    DESC);
CREATE INDEX orders_by_time ON payapi.orders USING btree (created_at DESC, order_id DESC);
CREATE TRIGGER orders_guard BEFORE INSERT OR UPDATE ON payapi.orders FOR EACH ROW EXECUTE FUNCTION
    payapi.orders_guard();
CREATE TRIGGER orders_stay BEFORE DELETE OR TRUNCATE ON payapi.orders FOR EACH STATEMENT EXECUTE
    FUNCTION payapi.refuse_change();
GRANT INSERT, SELECT ON payapi.orders TO payapi_app;
GRANT SELECT ON payapi.orders TO payapi_read;
GRANT UPDATE (owner_id, status, updated_at) ON payapi.orders TO payapi_app;
GRANT SELECT (order_id, owner_id) ON payapi.orders TO payapi_live;

-- one attempt to have an order paid: facts and derived status
CREATE TABLE payapi.payments (
    -- pay_ and 26 characters: sorts by time
    payment_id        text NOT NULL,
    -- the order to be paid; changes only when a human attaches money that pays for nothing
    order_id          text NOT NULL,
    -- the order's amount, ISO 4217 minor units
    amount_minor      payapi.minor_amount NOT NULL,
    -- the order's currency; immutable
    currency          payapi.currency_code NOT NULL,
    -- who takes the money; immutable
    provider          text NOT NULL,
    -- the provider's hosted page (Stripe cs_...); written once
    provider_ref      text,
    -- the provider's payment (Stripe pi_...); written once
    provider_intent   text,
    -- where the payer pays; null when unknown or used up
    checkout_url      text,
    -- fact: what the provider took; never shrinks
    captured_minor    payapi.minor_amount NOT NULL DEFAULT 0,
    -- fact: succeeded and pending refunds together
    refund_held_minor payapi.minor_amount NOT NULL DEFAULT 0,
    -- fact: succeeded refunds
    refunded_minor    payapi.minor_amount NOT NULL DEFAULT 0,
    -- fact: open, or why no money can arrive; only moves failed, expired, cancelled
    close_reason      text NOT NULL DEFAULT 'open'::text,
    -- fact: the provider's newest report on the unpaid payment
    progress          text NOT NULL DEFAULT 'none'::text,
    -- when the provider made that report, its clock, Unix seconds
    progress_at_s     bigint NOT NULL DEFAULT 0,
    -- the provider's code for the last failed attempt; empty: none
    failure_code      text NOT NULL DEFAULT ''::text,
    -- the same in words for the payer; empty: none
    failure_reason    text NOT NULL DEFAULT ''::text,
    -- fact: the provider reported a different amount, currency or mode; sticky
    mismatch          boolean NOT NULL DEFAULT false,
    -- derived from the facts (constraint status_follows_from_facts)
    status            text NOT NULL DEFAULT 'pending'::text,
    -- derived: the provider's object can still take money
    provider_open     boolean NOT NULL GENERATED ALWAYS AS ((((captured_minor)::bigint = 0) AND
        (close_reason = 'open'::text))) STORED,
    -- its money pays for nothing: the order was already paid, or the money was written off; sticky
    -- while the payment belongs to that order
    surplus           boolean NOT NULL DEFAULT false,
    -- a human must look at it
    needs_review      boolean NOT NULL DEFAULT false,
    -- why a human must look at it; kept after the review
    review_reason     text NOT NULL DEFAULT ''::text,
    -- when the hosted page expires at the provider; frozen with the request
    expires_at        timestamp(3) with time zone NOT NULL,
    -- when the intent was recorded
    created_at        timestamp(3) with time zone NOT NULL,
    -- when its facts last changed
    updated_at        timestamp(3) with time zone NOT NULL,
    -- when we first learned that money was captured
    completed_at      timestamp(3) with time zone,
    -- overlay of its disputes: open if any is, else lost, else won, else none
    dispute           text NOT NULL DEFAULT 'none'::text,
    -- what its disputes have taken and not given back
    disputed_minor    payapi.minor_amount NOT NULL DEFAULT 0,
    -- when payapi-jobs last asked the provider because no event came; null: never
    looked_at         timestamp with time zone,
    -- its page carries our proof of authorship; metadata without the proof is not from this payment
    authored          boolean NOT NULL DEFAULT false,
    -- fact: a human accepted the money received as the whole amount; sticky while the payment
    -- belongs to that order
    accepted          boolean NOT NULL DEFAULT false,
    -- every cause that a human was ever asked about: bit n is cause n of review.h; sticky
    review_causes     integer NOT NULL DEFAULT 0,
    -- the provider rejected the caller's request, and the caller never learned of the payment:
    -- only the audit shows it, unless money arrives
    not_begun         boolean NOT NULL DEFAULT false,
    CONSTRAINT payments_pkey PRIMARY KEY (payment_id),
    CONSTRAINT payment_amount_is_the_orders FOREIGN KEY (order_id, amount_minor, currency)
        REFERENCES payapi.orders(order_id, amount_minor, currency),
    CONSTRAINT refunds_within_captured CHECK (refunded_minor::bigint <= refund_held_minor::bigint
        AND refund_held_minor::bigint <= captured_minor::bigint)
);
-- an order has at most one payment that can take its money or has it; finds an order's payments
CREATE UNIQUE INDEX one_live_payment ON payapi.payments USING btree (order_id, (
CASE
    WHEN ((provider_open OR ((captured_minor)::bigint > 0)) AND (NOT surplus)) THEN ''::text
    ELSE payment_id
END));
-- payments of a status that is rare among millions; completed ones are everywhere
CREATE INDEX payments_by_status ON payapi.payments USING btree (status, payment_id) WHERE (status
    <> 'completed'::text);
-- open payments by the expiry of their page: finds overdue ones quickly
CREATE INDEX payments_open_by_expiry ON payapi.payments USING btree (expires_at) WHERE
    provider_open;
-- open pages whose order another payment has paid meanwhile
CREATE INDEX payments_to_close ON payapi.payments USING btree (payment_id) WHERE (provider_open AND
    surplus);
-- payments that wait for a human, newest first
CREATE INDEX payments_under_review ON payapi.payments USING btree (payment_id) WHERE needs_review;
-- a provider's payment is one of ours at most; finds the payment that an event names
CREATE UNIQUE INDEX provider_intent_once ON payapi.payments USING btree (provider, provider_intent)
    WHERE (provider_intent IS NOT NULL);
-- a provider's page is one payment's at most; finds the payment that an event names
CREATE UNIQUE INDEX provider_ref_once ON payapi.payments USING btree (provider, provider_ref) WHERE
    (provider_ref IS NOT NULL);
CREATE TRIGGER payments_guard BEFORE INSERT OR UPDATE OF payment_id, order_id, amount_minor,
    currency, provider, provider_ref, provider_intent, captured_minor, refunded_minor,
    close_reason, progress, mismatch, accepted, review_reason, review_causes, status, dispute,
    surplus, expires_at, created_at, completed_at ON payapi.payments FOR EACH ROW EXECUTE FUNCTION
    payapi.payments_guard();
CREATE TRIGGER payments_stay BEFORE DELETE OR TRUNCATE ON payapi.payments FOR EACH STATEMENT
    EXECUTE FUNCTION payapi.refuse_change();
GRANT SELECT ON payapi.payments TO payapi_app;
GRANT SELECT ON payapi.payments TO payapi_live;
GRANT SELECT ON payapi.payments TO payapi_read;
GRANT INSERT (payment_id, order_id, amount_minor, currency, provider, close_reason, status,
    expires_at, created_at, updated_at, authored) ON payapi.payments TO payapi_app;
GRANT UPDATE (provider_ref, provider_intent, checkout_url, captured_minor, close_reason, progress,
    progress_at_s, failure_code, failure_reason, mismatch, status, surplus, needs_review,
    review_reason, updated_at, completed_at, dispute, disputed_minor, looked_at, accepted,
    review_causes, not_begun) ON payapi.payments TO payapi_app;

-- each intended call to a provider: its frozen request and its outcome
CREATE TABLE payapi.provider_calls (
    -- pca_ and 26 characters
    call_id             text NOT NULL,
    -- the payment it is about
    payment_id          text NOT NULL,
    -- who is called
    provider            text NOT NULL,
    -- what we ask for
    operation           text NOT NULL,
    -- HTTP method
    request_method      text NOT NULL,
    -- path below the provider's base URL
    request_path        text NOT NULL,
    -- frozen: every retry sends these bytes; contains no secret
    request_body        text NOT NULL,
    -- our key at the provider, derived from our row
    idempotency_key     text NOT NULL,
    -- how often it was leased, to be sent or to look up its outcome; also the fence of the lease
    attempts            integer NOT NULL DEFAULT 1,
    -- when the intent was recorded; the key is safe to reuse for 23 h
    started_at          timestamp(3) with time zone NOT NULL,
    -- when the lease of whoever is calling ends
    lease_until         timestamp with time zone,
    -- when to ask for the outcome again
    next_at             timestamp with time zone,
    -- when the last attempt ended
    recorded_at         timestamp(3) with time zone,
    -- when the outcome became known; null: still open
    finished_at         timestamp(3) with time zone,
    -- what the last answer meant (docs/reliability.md 2.2), or that a human gave it up
    verdict             text,
    -- of the last answer; 0: there was none
    http_status         integer,
    -- the provider's own id of the request, for their support
    provider_request_id text NOT NULL DEFAULT ''::text,
    -- transport error or the provider's error code
    error               text NOT NULL DEFAULT ''::text,
    -- how long the last attempt took
    duration_ms         bigint,
    -- of the request that recorded the intent
    trace_id            text NOT NULL,
    -- the refund it is about, if any
    refund_id           text,
    -- when it was last sent: the end of that attempt, or of its lease while the attempt is under
    -- way; null: never
    sent_at             timestamp with time zone,
    -- how many of the attempts sent nothing and only looked up the outcome
    looks               integer NOT NULL DEFAULT 0,
    -- an attempt was sent, or is being sent, and we do not know whether the provider executed it
    maybe_executed      boolean NOT NULL DEFAULT false,
    -- the provider has stored a 5xx answer under this key: a retry would only get that answer again
    replays_5xx         boolean NOT NULL DEFAULT false,
    CONSTRAINT provider_calls_pkey PRIMARY KEY (payment_id, call_id),
    CONSTRAINT provider_key_once UNIQUE (provider, idempotency_key),
    CONSTRAINT provider_calls_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES
        payapi.payments(payment_id),
    CONSTRAINT provider_calls_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES
        payapi.refunds(refund_id)
);
-- open calls by the time at which their outcome is asked for
CREATE INDEX provider_calls_due ON payapi.provider_calls USING btree (next_at) WHERE (finished_at
    IS NULL);
CREATE TRIGGER provider_calls_guard BEFORE INSERT OR UPDATE ON payapi.provider_calls FOR EACH ROW
    EXECUTE FUNCTION payapi.provider_calls_guard();
CREATE TRIGGER provider_calls_stay BEFORE DELETE OR TRUNCATE ON payapi.provider_calls FOR EACH
    STATEMENT EXECUTE FUNCTION payapi.refuse_change();
GRANT INSERT, SELECT ON payapi.provider_calls TO payapi_app;
GRANT SELECT ON payapi.provider_calls TO payapi_read;
GRANT UPDATE (attempts, lease_until, next_at, recorded_at, finished_at, verdict, http_status,
    provider_request_id, error, duration_ms, sent_at, looks, maybe_executed, replays_5xx) ON
    payapi.provider_calls TO payapi_app;

-- how far each provider's list of events was read
CREATE TABLE payapi.provider_cursors (
    -- whose list
    provider      text NOT NULL,
    -- we have seen every event created before this time; the provider's clock, Unix seconds
    pulled_to_s   bigint NOT NULL,
    -- the oldest time that the current reading goes back to; it sees the newest events first
    sweep_from_s  bigint NOT NULL DEFAULT 0,
    -- the newest event it has seen; becomes pulled_to_s when the reading ends
    sweep_to_s    bigint NOT NULL DEFAULT 0,
    -- the event after which its next page begins; empty: no reading is under way
    page_after    text NOT NULL DEFAULT ''::text,
    -- grows with each claim; an old runner cannot move the cursor
    fence         bigint NOT NULL DEFAULT 0,
    -- when the lease of whoever is reading ends
    lease_until   timestamp with time zone,
    -- when to read the list again
    next_at       timestamp with time zone NOT NULL DEFAULT now(),
    -- the current reading goes far back
    sweep_is_deep boolean NOT NULL DEFAULT false,
    -- when to read far back again; used only for lists of objects rather than events
    deep_due_at   timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT provider_cursors_pkey PRIMARY KEY (provider)
);
GRANT SELECT ON payapi.provider_cursors TO payapi_app;
GRANT SELECT ON payapi.provider_cursors TO payapi_read;
GRANT INSERT (provider, pulled_to_s) ON payapi.provider_cursors TO payapi_app;
GRANT UPDATE (pulled_to_s, sweep_from_s, sweep_to_s, page_after, fence, lease_until, next_at,
    sweep_is_deep, deep_due_at) ON payapi.provider_cursors TO payapi_app;

-- the payment providers that payments may use; append-only
CREATE TABLE payapi.providers (
    -- its name in the API, in settings and in all other tables
    provider text NOT NULL,
    CONSTRAINT providers_pkey PRIMARY KEY (provider),
    CONSTRAINT provider_is_a_word CHECK (provider ~ '^[a-z][a-z0-9_]{0,31}$'::text)
);
CREATE TRIGGER providers_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payapi.providers FOR
    EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
GRANT SELECT ON payapi.providers TO payapi_app;
GRANT SELECT ON payapi.providers TO payapi_read;

-- differences between our books and a provider's lists
CREATE TABLE payapi.reconciliation_findings (
    -- in the order in which they were found
    finding_id        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    -- the comparison that found it, of one provider and day
    reconciliation_id text NOT NULL,
    -- missing_here, missing_there, other_amount, other_currency, other_day
    kind              text NOT NULL,
    -- charge, refund or dispute
    object            text NOT NULL,
    -- the provider's object, as our ledger names it
    provider_ref      text NOT NULL,
    -- our payment, when it is known
    payment_id        text,
    -- its order
    order_id          text,
    -- what the object moved according to our ledger, positive towards the shop; null: nothing
    our_minor         bigint,
    -- ISO 4217 code
    our_currency      payapi.currency_code,
    -- when it moved, according to our ledger
    our_at            timestamp(3) with time zone,
    -- what the object moved according to the provider; null: it has no such object
    their_minor       bigint,
    -- ISO 4217 code
    their_currency    text,
    -- when it moved, according to the provider
    their_at          timestamp(3) with time zone,
    -- ids that the provider's object contains: its own, intent, payment, order, refund
    evidence          jsonb NOT NULL,
    -- open: a human decides; healed: the books agree now; explained: they need not agree
    state             text NOT NULL,
    -- why it is open, what healed it, or what explains it
    note              text NOT NULL,
    -- the last pass of the day that saw it
    pass              integer NOT NULL,
    -- when it was first found
    found_at          timestamp(3) with time zone NOT NULL,
    -- when its state last changed
    changed_at        timestamp(3) with time zone NOT NULL,
    -- when a human explained it; null: nobody did
    explained_at      timestamp(3) with time zone,
    CONSTRAINT reconciliation_findings_pkey PRIMARY KEY (finding_id),
    CONSTRAINT finding_once UNIQUE (reconciliation_id, kind, object, provider_ref),
    CONSTRAINT reconciliation_findings_order_id_fkey FOREIGN KEY (order_id) REFERENCES
        payapi.orders(order_id),
    CONSTRAINT reconciliation_findings_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES
        payapi.payments(payment_id),
    CONSTRAINT reconciliation_findings_reconciliation_id_fkey FOREIGN KEY (reconciliation_id)
        REFERENCES payapi.reconciliations(reconciliation_id)
);
CREATE INDEX reconciliation_findings_by_payment ON payapi.reconciliation_findings USING btree
    (payment_id);
CREATE INDEX reconciliation_findings_open ON payapi.reconciliation_findings USING btree
    (reconciliation_id) WHERE (state = 'open'::text);
CREATE TRIGGER reconciliation_findings_are_kept BEFORE DELETE OR TRUNCATE ON
    payapi.reconciliation_findings FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER reconciliation_findings_guard BEFORE INSERT OR UPDATE ON
    payapi.reconciliation_findings FOR EACH ROW EXECUTE FUNCTION
    payapi.reconciliation_findings_guard();
GRANT INSERT, SELECT ON payapi.reconciliation_findings TO payapi_app;
GRANT SELECT ON payapi.reconciliation_findings TO payapi_read;
GRANT UPDATE (payment_id, order_id, our_minor, our_currency, our_at, their_minor, their_currency,
    their_at, evidence, state, note, pass, changed_at, explained_at) ON
    payapi.reconciliation_findings TO payapi_app;

-- comparisons of our books with a provider's lists, one for each day
CREATE TABLE payapi.reconciliations (
    -- rec_ and 26 characters: sorts by time
    reconciliation_id text NOT NULL,
    -- whose lists
    provider          text NOT NULL,
    -- the UTC day that is compared, by the provider's clock
    day               date NOT NULL,
    -- waiting, running or done
    state             text NOT NULL DEFAULT 'waiting'::text,
    -- how often the comparison of this day was begun; a later pass sees the same findings again
    passes            integer NOT NULL DEFAULT 0,
    -- what is read now: charges, refunds, disputes, then ours (rows that no list confirmed)
    book              text NOT NULL DEFAULT 'charges'::text,
    -- where the next page of the book begins; empty: at the first one
    page_after        text NOT NULL DEFAULT ''::text,
    -- how many objects of the provider this pass has compared
    compared          bigint NOT NULL DEFAULT 0,
    -- how many of them were made by another program on the account
    foreigners        bigint NOT NULL DEFAULT 0,
    -- how many of them could not be read
    unreadable        bigint NOT NULL DEFAULT 0,
    -- why it cannot continue; null: it can, or it is done
    error             text,
    -- when the day was queued
    created_at        timestamp(3) with time zone NOT NULL,
    -- when its last pass began; a day that had not ended by then is compared again
    started_at        timestamp(3) with time zone,
    -- when its last pass ended; null: it has not
    finished_at       timestamp(3) with time zone,
    -- grows with each claim; an old runner can no longer write
    fence             bigint NOT NULL DEFAULT 0,
    -- when the lease of whoever is working on it ends
    lease_until       timestamp with time zone,
    -- when to work on it again
    next_at           timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT reconciliations_pkey PRIMARY KEY (reconciliation_id),
    CONSTRAINT day_once UNIQUE (provider, day)
);
CREATE INDEX reconciliations_due ON payapi.reconciliations USING btree (next_at) WHERE (state <>
    'done'::text);
CREATE TRIGGER reconciliations_are_kept BEFORE DELETE OR TRUNCATE ON payapi.reconciliations FOR
    EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER reconciliations_guard BEFORE INSERT OR UPDATE ON payapi.reconciliations FOR EACH ROW
    EXECUTE FUNCTION payapi.reconciliations_guard();
GRANT INSERT, SELECT ON payapi.reconciliations TO payapi_app;
GRANT SELECT ON payapi.reconciliations TO payapi_read;
GRANT UPDATE (state, passes, book, page_after, compared, foreigners, unreadable, error, started_at,
    finished_at, fence, lease_until, next_at) ON payapi.reconciliations TO payapi_app;

-- money going back to payers
CREATE TABLE payapi.refunds (
    -- ref_, the time from its payment's id, and 16 characters derived from payment and key
    refund_id      text NOT NULL,
    -- the payment whose money goes back; immutable
    payment_id     text NOT NULL,
    -- ISO 4217 minor units; immutable
    amount_minor   payapi.minor_amount NOT NULL,
    -- the payment's currency; immutable
    currency       payapi.currency_code NOT NULL,
    -- pending, requires_action, succeeded, cancelled, failed; only moves in this order
    status         text NOT NULL DEFAULT 'pending'::text,
    -- who sends it back
    provider       text NOT NULL,
    -- the provider's refund (Stripe re_...); written once
    provider_ref   text,
    -- the Idempotency-Key of the request; bound to the payment for ever
    client_key     text,
    -- duplicate, fraudulent, requested_by_customer, or empty
    reason         text NOT NULL DEFAULT ''::text,
    -- the provider's reason for a failed refund; empty: none
    failure_reason text NOT NULL DEFAULT ''::text,
    -- api: requested here; provider: found there (dashboard); surplus: automatic; elsewhere: paid
    -- back by other means, as a human reported
    origin         text NOT NULL DEFAULT 'api'::text,
    -- when the intent was recorded, or the refund was found
    created_at     timestamp(3) with time zone NOT NULL,
    -- when its status last changed
    updated_at     timestamp(3) with time zone NOT NULL,
    CONSTRAINT refunds_pkey PRIMARY KEY (refund_id),
    CONSTRAINT refund_key_once UNIQUE (payment_id, client_key),
    CONSTRAINT refunds_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES
        payapi.payments(payment_id),
    CONSTRAINT refund_amount_is_positive CHECK (amount_minor::bigint > 0)
);
-- a provider's refund is one of ours at most; finds it in the books
CREATE UNIQUE INDEX refund_ref_once ON payapi.refunds USING btree (provider, provider_ref) WHERE
    (provider_ref IS NOT NULL);
-- refunds whose outcome the provider has not reported yet
CREATE INDEX refunds_under_way ON payapi.refunds USING btree (payment_id) WHERE (status = ANY
    (ARRAY['pending'::text, 'requires_action'::text]));
CREATE TRIGGER refunds_count AFTER INSERT OR UPDATE OF status ON payapi.refunds FOR EACH ROW
    EXECUTE FUNCTION payapi.refunds_count();
CREATE TRIGGER refunds_guard BEFORE INSERT OR UPDATE ON payapi.refunds FOR EACH ROW EXECUTE
    FUNCTION payapi.refunds_guard();
CREATE TRIGGER refunds_stay BEFORE DELETE OR TRUNCATE ON payapi.refunds FOR EACH STATEMENT EXECUTE
    FUNCTION payapi.refuse_change();
GRANT INSERT, SELECT ON payapi.refunds TO payapi_app;
GRANT SELECT ON payapi.refunds TO payapi_read;
GRANT UPDATE (status, provider_ref, failure_reason, updated_at) ON payapi.refunds TO payapi_app;

-- money movements; append-only
CREATE TABLE payapi.transactions (
    -- txn_ and 26 characters: sorts by time
    transaction_id text NOT NULL,
    -- the payment whose money moved
    payment_id     text NOT NULL,
    -- the order that it moved for
    order_id       text NOT NULL,
    -- charge, refund, refund_reversal, dispute, dispute_reversal, reassignment (from one order to
    -- another)
    kind           text NOT NULL,
    -- ISO 4217 minor units; positive towards the shop
    amount_minor   bigint NOT NULL,
    -- ISO 4217 code
    currency       payapi.currency_code NOT NULL,
    -- who moved it
    provider       text NOT NULL,
    -- the provider's object; unique with provider and kind, so that a movement is stored once
    provider_ref   text NOT NULL,
    -- when the money moved, according to the provider; the id sorts by it
    occurred_at    timestamp(3) with time zone NOT NULL,
    -- of the request that recorded it
    trace_id       text NOT NULL,
    -- when we learned of it; never before occurred_at
    recorded_at    timestamp(3) with time zone NOT NULL DEFAULT now(),
    CONSTRAINT transactions_pkey PRIMARY KEY (transaction_id),
    CONSTRAINT movement_once UNIQUE (provider, provider_ref, kind),
    CONSTRAINT transactions_order_id_fkey FOREIGN KEY (order_id) REFERENCES payapi.orders(order_id),
    CONSTRAINT transactions_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES
        payapi.payments(payment_id)
);
-- the first charge of a payment; a later one has the payment's new sum in its reference
CREATE UNIQUE INDEX one_charge_per_payment ON payapi.transactions USING btree (payment_id) WHERE
    ((kind = 'charge'::text) AND (strpos(provider_ref, ':'::text) = 0));
CREATE INDEX transactions_by_currency ON payapi.transactions USING btree (currency, transaction_id);
-- GET /transactions?type= of what is rare; charges are everywhere in the ledger
CREATE INDEX transactions_by_kind ON payapi.transactions USING btree (kind, transaction_id) WHERE
    (kind <> 'charge'::text);
CREATE INDEX transactions_by_order ON payapi.transactions USING btree (order_id, transaction_id);
CREATE INDEX transactions_by_payment ON payapi.transactions USING btree (payment_id,
    transaction_id);
-- for lists of what was recorded in a span of time (recordedFrom, recordedTo)
CREATE INDEX transactions_by_recording ON payapi.transactions USING brin (recorded_at);
CREATE TRIGGER transactions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payapi.transactions
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER transactions_guard BEFORE INSERT ON payapi.transactions FOR EACH ROW EXECUTE
    FUNCTION payapi.transactions_guard();
GRANT INSERT, SELECT ON payapi.transactions TO payapi_app;
GRANT SELECT ON payapi.transactions TO payapi_read;

-- attempts to apply an event: those that left it waiting, and all later ones; append-only
CREATE TABLE payapi.webhook_attempts (
    -- in the order of the attempts
    attempt_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    -- the event
    inbox_id   text NOT NULL,
    -- when it ended
    at         timestamp(3) with time zone NOT NULL,
    -- the provider (at the delivery), jobs, or the admin who replayed it
    actor      text NOT NULL,
    -- the event's status after it; received: it still waits
    outcome    text NOT NULL,
    -- why it waits, is dead or was ignored
    reason     text NOT NULL,
    -- of the attempt
    trace_id   text NOT NULL,
    CONSTRAINT webhook_attempts_pkey PRIMARY KEY (attempt_id),
    CONSTRAINT webhook_attempts_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES
        payapi.webhook_events(inbox_id),
    CONSTRAINT attempt_outcome_is_known CHECK (payapi.webhook_status_is_known(outcome))
);
CREATE INDEX webhook_attempts_by_event ON payapi.webhook_attempts USING btree (inbox_id,
    attempt_id);
CREATE TRIGGER webhook_attempts_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON
    payapi.webhook_attempts FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
GRANT INSERT, SELECT ON payapi.webhook_attempts TO payapi_app;
GRANT SELECT ON payapi.webhook_attempts TO payapi_read;

-- an event for an endpoint; kept for WEBHOOK_DELIVERY_RETENTION_DAYS
CREATE TABLE payapi.webhook_deliveries (
    -- del_ and 26 characters, which follow from event and endpoint
    delivery_id  text NOT NULL,
    -- where it is sent to
    endpoint_id  text NOT NULL,
    -- the row of the audit log that is the event
    audit_id     bigint NOT NULL,
    -- as there; null: about no payment
    payment_id   text,
    -- as there: its place among the payment's events
    seq          bigint,
    -- waiting (an earlier event of the payment comes first), pending, sending, delivered, failed
    -- (all attempts of the schedule did)
    status       text NOT NULL,
    -- whether later events of the payment may be sent: it was delivered, or failed three times
    released     boolean NOT NULL DEFAULT false,
    -- attempts begun; also the fence of the lease
    attempts     integer NOT NULL DEFAULT 0,
    -- attempts before it was last sent again by hand, which no longer count in the schedule
    tries_before integer NOT NULL DEFAULT 0,
    -- pending: when the next attempt is due; sending: when the lease ends
    next_at      timestamp(3) with time zone NOT NULL,
    -- when the event was
    event_at     timestamp(3) with time zone NOT NULL,
    -- when the endpoint first accepted it; null: not yet
    delivered_at timestamp(3) with time zone,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (delivery_id),
    CONSTRAINT webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES
        payapi.webhook_endpoints(endpoint_id),
    CONSTRAINT delivery_attempts_are_counted CHECK (tries_before >= 0 AND tries_before <= attempts),
    CONSTRAINT delivery_id_has_form CHECK (payapi.id_has_form(delivery_id, 'del_'::text)),
    CONSTRAINT delivery_status_is_known CHECK (status = ANY (ARRAY['waiting'::text,
        'pending'::text, 'sending'::text, 'delivered'::text, 'failed'::text])),
    CONSTRAINT delivery_waits_for_an_earlier_one CHECK (status <> 'waiting'::text OR NOT released),
    CONSTRAINT finished_holds_nobody_up CHECK (released OR (status <> ALL (ARRAY['delivered'::text,
        'failed'::text])))
);
-- GET /webhook-endpoints/:id/deliveries, newest first; finds those to purge, oldest first
CREATE INDEX webhook_deliveries_by_endpoint ON payapi.webhook_deliveries USING btree (endpoint_id,
    delivery_id);
-- a payment's timeline; what an earlier delivery holds up
CREATE INDEX webhook_deliveries_by_payment ON payapi.webhook_deliveries USING btree (payment_id,
    endpoint_id, seq);
-- what an endpoint is to be sent now
CREATE INDEX webhook_deliveries_due ON payapi.webhook_deliveries USING btree (endpoint_id, status,
    next_at) WHERE (status = ANY (ARRAY['pending'::text, 'sending'::text]));
-- GET /webhook-endpoints/:id/deliveries?status=failed
CREATE INDEX webhook_deliveries_failed ON payapi.webhook_deliveries USING btree (endpoint_id,
    delivery_id) WHERE (status = 'failed'::text);
GRANT SELECT ON payapi.webhook_deliveries TO payapi_app;
GRANT SELECT ON payapi.webhook_deliveries TO payapi_read;
GRANT INSERT (delivery_id, endpoint_id, audit_id, payment_id, seq, status, released, next_at,
    event_at) ON payapi.webhook_deliveries TO payapi_app;
GRANT UPDATE (status, released, tries_before, next_at) ON payapi.webhook_deliveries TO payapi_app;

-- attempts to deliver an event
CREATE TABLE payapi.webhook_delivery_attempts (
    -- of which delivery
    delivery_id text NOT NULL,
    -- 1, 2, 3 ...
    attempt     integer NOT NULL,
    -- when it began
    at          timestamp(3) with time zone NOT NULL,
    -- until it ended
    duration_ms integer NOT NULL,
    -- of the endpoint's answer; null: there was none
    http_status integer,
    -- why it failed, e.g. timeout, http_status; empty: it was accepted
    error       text NOT NULL,
    -- the first 4 KiB of the answer's body, control characters escaped
    answer      text NOT NULL,
    CONSTRAINT webhook_delivery_attempts_pkey PRIMARY KEY (delivery_id, attempt),
    CONSTRAINT webhook_delivery_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES
        payapi.webhook_deliveries(delivery_id) ON DELETE CASCADE,
    CONSTRAINT delivery_answer_is_short CHECK (octet_length(answer) <= 16384),
    CONSTRAINT delivery_attempt_has_an_outcome CHECK (http_status IS NOT NULL OR error <> ''::text)
);
GRANT SELECT ON payapi.webhook_delivery_attempts TO payapi_app;
GRANT SELECT ON payapi.webhook_delivery_attempts TO payapi_read;

-- where the shop is told of events; whoever plans, claims or finishes deliveries of an endpoint
-- has locked its row
CREATE TABLE payapi.webhook_endpoints (
    -- our id: wep_ and 26 characters
    endpoint_id     text NOT NULL,
    -- where events are sent to
    url             text NOT NULL,
    -- names of events, or * alone: all of them
    events          text[] NOT NULL,
    -- what it is for, in the shop's words
    description     text NOT NULL,
    -- enabled; disabled: nothing is planned or sent; deleted: the same, for ever, and not shown
    status          text NOT NULL DEFAULT 'enabled'::text,
    -- while it is disabled: asked (by the shop), gone (it answered 410), failing (for days)
    disabled_reason text,
    -- of its secret: 1, 2, 3 ...; a rotation makes the next one
    generation      integer NOT NULL DEFAULT 1,
    -- the oldest generation that signs too until former_until
    signs_from      integer NOT NULL DEFAULT 1,
    -- how long former generations sign too; null: never rotated
    former_until    timestamp(3) with time zone,
    -- attempts that failed since the last success
    failures        integer NOT NULL DEFAULT 0,
    -- when the first of them failed
    failing_since   timestamp(3) with time zone,
    -- deliveries that may be on their way at a time: 1 after 5 failures, then 2 and 4 again
    in_flight_max   smallint NOT NULL DEFAULT 4,
    -- it gets the events whose transactions had not ended here, when it was created
    after_events    pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
    -- when it was created
    created_at      timestamp(3) with time zone NOT NULL,
    -- who created it, as in the audit
    created_by      text NOT NULL,
    -- when somebody last changed it; not when it was last sent to
    updated_at      timestamp(3) with time zone NOT NULL,
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (endpoint_id)
);
-- a creation that is repeated makes no second endpoint, which would get each event again
CREATE UNIQUE INDEX webhook_endpoint_url_once ON payapi.webhook_endpoints USING btree (url) WHERE
    (status <> 'deleted'::text);
CREATE TRIGGER webhook_endpoints_append_only BEFORE DELETE OR TRUNCATE ON payapi.webhook_endpoints
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER webhook_endpoints_guard BEFORE INSERT OR UPDATE ON payapi.webhook_endpoints FOR EACH
    ROW EXECUTE FUNCTION payapi.webhook_endpoints_guard();
GRANT SELECT ON payapi.webhook_endpoints TO payapi_app;
GRANT SELECT ON payapi.webhook_endpoints TO payapi_deliver;
GRANT SELECT ON payapi.webhook_endpoints TO payapi_read;
GRANT INSERT (endpoint_id, url, events, description, created_at, created_by, updated_at) ON
    payapi.webhook_endpoints TO payapi_app;
GRANT UPDATE (url, events, description, status, disabled_reason, generation, signs_from,
    former_until, failures, failing_since, in_flight_max, updated_at) ON payapi.webhook_endpoints
    TO payapi_app;

-- inbox of verified provider events
CREATE TABLE payapi.webhook_events (
    -- who sent it
    provider         text NOT NULL,
    -- the provider's id (Stripe evt_...): the same event is stored once
    event_id         text NOT NULL,
    -- our id: whe_ and 26 characters
    inbox_id         text NOT NULL,
    -- the provider's type, e.g. checkout.session.completed
    type             text NOT NULL,
    -- true: a live event; false: a test event
    livemode         boolean NOT NULL,
    -- the exact bytes that were signed
    body             bytea NOT NULL,
    -- received (not yet applied), processed, ignored (with reason), dead
    status           text NOT NULL DEFAULT 'received'::text,
    -- why ignored, dead or still waiting
    reason           text NOT NULL DEFAULT ''::text,
    -- the payment it names, once known; when processed, the one it was applied to
    payment_id       text,
    -- tries to apply it; also the fence of the lease
    attempts         integer NOT NULL DEFAULT 0,
    -- when to try it again while its status is received
    next_at          timestamp with time zone NOT NULL DEFAULT now(),
    -- when the lease of whoever is applying it ends
    lease_until      timestamp with time zone,
    -- the provider's time of the event
    event_created_at timestamp with time zone NOT NULL,
    -- when it was stored
    received_at      timestamp(3) with time zone NOT NULL,
    -- when it was applied or given up
    finished_at      timestamp(3) with time zone,
    -- of the delivery that stored it
    trace_id         text NOT NULL,
    -- attempts before the last replay, which no longer count towards dead
    tries_before     integer NOT NULL DEFAULT 0,
    -- when the body was emptied (WEBHOOK_BODY_RETENTION_DAYS); null: it is still here
    body_purged_at   timestamp(3) with time zone,
    CONSTRAINT webhook_events_pkey PRIMARY KEY (provider, event_id),
    CONSTRAINT inbox_id_once UNIQUE (inbox_id),
    CONSTRAINT webhook_events_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES
        payapi.payments(payment_id)
);
CREATE INDEX webhook_events_by_payment ON payapi.webhook_events USING btree (payment_id) WHERE
    (payment_id IS NOT NULL);
CREATE INDEX webhook_events_dead ON payapi.webhook_events USING btree (inbox_id) WHERE (status =
    'dead'::text);
CREATE INDEX webhook_events_due ON payapi.webhook_events USING btree (next_at) WHERE (status =
    'received'::text);
-- events that have not been tried yet
CREATE INDEX webhook_events_fresh ON payapi.webhook_events USING btree (next_at) WHERE ((status =
    'received'::text) AND (attempts = 0));
-- finished events by age: finds those to purge quickly
CREATE INDEX webhook_events_with_body ON payapi.webhook_events USING btree (finished_at) WHERE
    ((status = ANY (ARRAY['processed'::text, 'ignored'::text])) AND (body_purged_at IS NULL));
CREATE TRIGGER webhook_events_guard BEFORE INSERT OR UPDATE ON payapi.webhook_events FOR EACH ROW
    EXECUTE FUNCTION payapi.webhook_events_guard();
GRANT INSERT, SELECT ON payapi.webhook_events TO payapi_app;
GRANT SELECT ON payapi.webhook_events TO payapi_read;
GRANT UPDATE (status, reason, payment_id, attempts, next_at, lease_until, finished_at,
    tries_before) ON payapi.webhook_events TO payapi_app;

-- one row: how far events were planned for delivery
CREATE TABLE payapi.webhook_planning (
    -- true
    only_row    boolean NOT NULL DEFAULT true,
    -- the transactions whose events are planned: those that it sees
    planned_to  pg_snapshot NOT NULL,
    -- greatest audit_id that was planned: after a restore into another cluster, later events are
    -- above
    planned_id  bigint NOT NULL,
    -- greatest audit_id that another cluster wrote under a transaction id which this one has yet
    -- to reach; 0: none
    restored_id bigint NOT NULL DEFAULT 0,
    -- the cluster whose transaction ids planned_to has
    system_id   bigint NOT NULL,
    -- when payapi-deliver last planned, to a few seconds: its sign of life
    planned_at  timestamp(3) with time zone NOT NULL DEFAULT now(),
    CONSTRAINT webhook_planning_pkey PRIMARY KEY (only_row),
    CONSTRAINT webhook_planning_only_row_check CHECK (only_row)
);
CREATE TRIGGER webhook_planning_stays BEFORE DELETE OR TRUNCATE ON payapi.webhook_planning FOR EACH
    STATEMENT EXECUTE FUNCTION payapi.refuse_change();
GRANT SELECT ON payapi.webhook_planning TO payapi_app;
GRANT SELECT ON payapi.webhook_planning TO payapi_read;


-- --- Functions ---------------------------------------------------------------------------------

-- trigger: checks the values of a key; only its end and its last use may change
CREATE OR REPLACE FUNCTION payapi.api_keys_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT payapi.id_has_form(NEW.key_id, 'key_') THEN 'api_key_id_has_form'
        WHEN length(NEW.key_hash) <> 32 THEN 'api_key_hash_is_sha256'
        WHEN length(NEW.shown) <> 8 OR NEW.shown ~ '[^0-9A-Za-z]' THEN 'api_key_shown_has_form'
        WHEN octet_length(NEW.name) NOT BETWEEN 1 AND 64 THEN 'api_key_has_a_name'
        WHEN cardinality(NEW.scopes) = 0 OR array_to_string(NEW.scopes, ' ', '?') !~ '^[a-z: ]+$'
            THEN 'api_key_has_scopes'
        WHEN cardinality(NEW.networks) > 16 THEN 'api_key_networks_are_few'
        WHEN NEW.expires_at <= NEW.created_at THEN 'api_key_expires_later'
        WHEN (NEW.revoked_at IS NULL) <> (NEW.revoked_by IS NULL) THEN 'revoked_has_a_name'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.key_id, NEW.key_hash, NEW.live, NEW.shown, NEW.name, NEW.scopes, NEW.networks,
              NEW.created_at, NEW.created_by, NEW.expires_at)
             IS DISTINCT FROM
             (OLD.key_id, OLD.key_hash, OLD.live, OLD.shown, OLD.name, OLD.scopes, OLD.networks,
              OLD.created_at, OLD.created_by, OLD.expires_at)
            THEN 'api_key_is_immutable'
        WHEN OLD.revoked_at IS NOT NULL
             AND (NEW.revoked_at, NEW.revoked_by) IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by)
            THEN 'revoked_stays_revoked'
        WHEN OLD.last_used_at IS NOT NULL
             AND (NEW.last_used_at IS NULL OR NEW.last_used_at < OLD.last_used_at)
            THEN 'last_use_never_goes_back'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'API key %: %', NEW.key_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- Unix milliseconds as a point in time
CREATE OR REPLACE FUNCTION payapi.at_ms(bigint)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE STRICT
RETURN ('1970-01-01 00:00:00+00'::timestamp with time zone + (($1)::double precision *
    '00:00:00.001'::interval));
GRANT EXECUTE ON FUNCTION payapi.at_ms(bigint) TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.at_ms(bigint) TO payapi_read;

-- moves a payment to another order, with the status and the review that follow; returns how many
-- were moved
CREATE OR REPLACE FUNCTION payapi.attach_payment(attached text, to_order text, due_minor bigint,
    differs boolean, new_status text, asks boolean, why text, causes integer, at timestamp with
    time zone)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
    WITH moved AS (
        UPDATE payments
           SET order_id = to_order, amount_minor = due_minor, surplus = false, accepted = false,
               mismatch = differs, status = new_status, needs_review = asks, review_reason = why,
               review_causes = causes, updated_at = at
         WHERE payment_id = attached
        RETURNING 1)
    SELECT count(*) FROM moved
$function$;
GRANT EXECUTE ON FUNCTION
    payapi.attach_payment(text,text,bigint,boolean,text,boolean,text,integer,timestamp with time
    zone) TO payapi_app;

-- waits for all transactions that write to audit_log; returns its greatest audit_id and the lowest
-- transaction id that later rows can have
CREATE OR REPLACE FUNCTION payapi.audit_floor(OUT floor_id bigint, OUT from_xid bigint)
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    LOCK TABLE payapi.audit_log IN SHARE MODE;
    floor_id := (SELECT a.audit_id FROM payapi.audit_log AS a ORDER BY a.audit_id DESC LIMIT 1);
    from_xid := payapi.xid_number(pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()));
END
$function$;
GRANT EXECUTE ON FUNCTION payapi.audit_floor() TO payapi_sealer;

-- what a checkpoint's Merkle tree holds of an audit row
CREATE OR REPLACE FUNCTION payapi.audit_leaf(a payapi.audit_log)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN sha256(convert_to(concat_ws('\x1f'::text, (a).audit_id, length(COALESCE((a).order_id,
    ''::text)), COALESCE((a).order_id, ''::text), length(COALESCE((a).payment_id, ''::text)),
    COALESCE((a).payment_id, ''::text), COALESCE((a).seq, (0)::bigint), (a).at_us,
    length((a).actor), (a).actor, length((a).action), (a).action, length((a).body), (a).body,
    length((a).trace_id), (a).trace_id, length(COALESCE((a).event_id, ''::text)),
    COALESCE((a).event_id, ''::text), length(COALESCE((a).event_type, ''::text)),
    COALESCE((a).event_type, ''::text), length(COALESCE((a).event_payload, ''::text)),
    COALESCE((a).event_payload, ''::text)), 'UTF8'::name));
GRANT EXECUTE ON FUNCTION payapi.audit_leaf(payapi.audit_log) TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.audit_leaf(payapi.audit_log) TO payapi_read;

-- trigger: numbers the rows of a payment; checks that an event has its id, type and payload
CREATE OR REPLACE FUNCTION payapi.audit_number()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    NEW.seq := NULL;
    IF NEW.payment_id IS NOT NULL THEN
        SELECT a.seq INTO NEW.seq FROM payapi.audit_log AS a
         WHERE a.payment_id OPERATOR(pg_catalog.=) NEW.payment_id
         ORDER BY a.seq DESC LIMIT 1;
        NEW.seq := coalesce(NEW.seq, 0) OPERATOR(pg_catalog.+) 1;
    END IF;
    broken := CASE
        WHEN pg_catalog.num_nulls(NEW.event_id, NEW.event_type, NEW.event_payload)
             OPERATOR(pg_catalog.%) 3 OPERATOR(pg_catalog.<>) 0 THEN 'event_is_whole'
        WHEN NOT payapi.id_has_form(NEW.event_id, 'evt_') THEN 'event_id_has_form'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'event %: %', NEW.event_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- leases what is due; the attempt's number is the fence of finish_deliveries
CREATE OR REPLACE FUNCTION payapi.claim_deliveries(at_most integer, lease_ms integer)
 RETURNS TABLE(delivery_id text, endpoint_id text, url text, generation integer, signs_from
     integer, former_until timestamp with time zone, attempt integer, tries_before integer,
     event_id text, event_type text, event_at_ms bigint, seq bigint, payload text, trace_id text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
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
$function$;
GRANT EXECUTE ON FUNCTION payapi.claim_deliveries(integer,integer) TO payapi_deliver;

-- the id of the delivery of an event to an endpoint
CREATE OR REPLACE FUNCTION payapi.delivery_id_of(endpoint_id text, event_id text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (('del_'::text || substr(event_id, 5, 10)) ||
    upper("left"(encode(sha256(convert_to(((endpoint_id || ' '::text) || event_id), 'UTF8'::name)),
    'hex'::text), 16)));
GRANT EXECUTE ON FUNCTION payapi.delivery_id_of(text,text) TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.delivery_id_of(text,text) TO payapi_read;

-- ends what is sent to an endpoint that is gone or has failed for days
CREATE OR REPLACE FUNCTION payapi.disable_endpoint(id text, reason text, event_id text, payload
    text, trace_id text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
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
$function$;
GRANT EXECUTE ON FUNCTION payapi.disable_endpoint(text,text,text,text,text) TO payapi_deliver;

-- of two reports of the same moment, the one with the higher rank counts; won and lost rank
-- equally; null: not a status of a dispute
CREATE OR REPLACE FUNCTION payapi.dispute_rank(status text, contradictory boolean)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN contradictory THEN 5 ELSE (array_position(ARRAY['inquiry'::text, 'open'::text,
    'closed'::text, 'won'::text, 'lost'::text], status) - ((status = 'lost'::text))::integer) END;
GRANT EXECUTE ON FUNCTION payapi.dispute_rank(text,boolean) TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.dispute_rank(text,boolean) TO payapi_read;

-- trigger: what a dispute is about never changes, and its facts only grow
CREATE OR REPLACE FUNCTION payapi.disputes_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN (NEW.dispute_id, NEW.payment_id, NEW.provider, NEW.provider_ref, NEW.currency,
              NEW.created_at)
             IS DISTINCT FROM
             (OLD.dispute_id, OLD.payment_id, OLD.provider, OLD.provider_ref, OLD.currency,
              OLD.created_at)
            THEN 'dispute_is_immutable'
        WHEN NEW.told_at_ms < OLD.told_at_ms
             OR (NEW.told_at_ms = OLD.told_at_ms AND NEW.status <> OLD.status
                 AND dispute_rank(NEW.status, NEW.contradictory)
                     <= dispute_rank(OLD.status, OLD.contradictory))
            THEN 'dispute_never_goes_back'
        WHEN NEW.withdrawn_minor < OLD.withdrawn_minor
             OR NEW.reinstated_minor < OLD.reinstated_minor
            THEN 'dispute_money_never_shrinks'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'dispute %: %', OLD.dispute_id, broken
            USING ERRCODE = 'restrict_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- removes a person's address, and what came with it, from everything that is finished; the audit
-- log records the erasure but not whose data it was
CREATE OR REPLACE FUNCTION payapi.erase_email(address text, escaped text, actor text, trace_id
    text, OUT orders_erased bigint, OUT requests_emptied bigint, OUT events_emptied bigint, OUT
    answers_cleaned bigint, OUT waiting bigint)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
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
$function$;

-- records the outcomes of attempts and releases what waited for them
CREATE OR REPLACE FUNCTION payapi.finish_deliveries(results json)
 RETURNS TABLE(endpoint_id text, failures integer, failing_since timestamp with time zone, recorded
     bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
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
$function$;
GRANT EXECUTE ON FUNCTION payapi.finish_deliveries(json) TO payapi_deliver;

-- whether an id has our form: the prefix and 26 digits of Crockford's base 32
CREATE OR REPLACE FUNCTION payapi.id_has_form(id text, prefix text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (starts_with(id, prefix) AND (length(id) = (length(prefix) + 26)) AND (substr(id,
    (length(prefix) + 1)) !~ '[^0-9A-HJKMNP-TV-Z]'::text));
GRANT EXECUTE ON FUNCTION payapi.id_has_form(text,text) TO payapi_app;

-- trigger: checks the values of a key; one that is done has its answer
CREATE OR REPLACE FUNCTION payapi.idempotency_keys_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN length(NEW.key) NOT BETWEEN 1 AND 255 OR NEW.key ~ '[^\x21-\x7e]' THEN 'key_has_form'
        WHEN length(NEW.fingerprint) <> 64 OR NEW.fingerprint ~ '[^0-9a-f]'
            THEN 'fingerprint_is_sha256'
        WHEN NEW.state NOT IN ('running', 'done') THEN 'key_state_is_known'
        WHEN (NEW.state = 'done') <> (NEW.answer_status IS NOT NULL AND NEW.answer_body IS NOT NULL)
            THEN 'done_has_an_answer'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'key %: %', NEW.key, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- trigger: checks that fee and net have a currency and are written once
CREATE OR REPLACE FUNCTION payapi.ledger_confirmations_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN (NEW.fee_minor IS NULL AND NEW.net_minor IS NULL) <> (NEW.settled_currency IS NULL)
            THEN 'fees_have_a_currency'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.transaction_id, NEW.reconciliation_id, NEW.told_ref, NEW.confirmed_at)
             IS DISTINCT FROM (OLD.transaction_id, OLD.reconciliation_id, OLD.told_ref,
                               OLD.confirmed_at)
            THEN 'confirmation_is_immutable'
        WHEN NEW.fee_minor IS DISTINCT FROM OLD.fee_minor AND OLD.fee_minor IS NOT NULL
          OR NEW.net_minor IS DISTINCT FROM OLD.net_minor AND OLD.net_minor IS NOT NULL
            THEN 'fees_are_written_once'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'confirmation of %: %', NEW.transaction_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- a point in time as Unix milliseconds
CREATE OR REPLACE FUNCTION payapi.ms(timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 STABLE PARALLEL SAFE STRICT
RETURN ((date_part('epoch'::text, $1) * (1000)::double precision))::bigint;
GRANT EXECUTE ON FUNCTION payapi.ms(timestamp with time zone) TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.ms(timestamp with time zone) TO payapi_deliver;
GRANT EXECUTE ON FUNCTION payapi.ms(timestamp with time zone) TO payapi_live;
GRANT EXECUTE ON FUNCTION payapi.ms(timestamp with time zone) TO payapi_read;

-- raises PA001, which ends the transaction, unless exactly one row was changed
CREATE OR REPLACE FUNCTION payapi.must_be_one(changed_rows bigint)
 RETURNS boolean
 LANGUAGE sql
RETURN CASE WHEN (changed_rows = 1) THEN true ELSE payapi.refuse_count(changed_rows) END;
GRANT EXECUTE ON FUNCTION payapi.must_be_one(bigint) TO payapi_app;

-- trigger: checks the values of an order; id, amount, currency and creation time never change, nor
-- does the owner unless the order was adopted
CREATE OR REPLACE FUNCTION payapi.orders_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN TG_OP = 'UPDATE'
             AND ((NEW.order_id, NEW.amount_minor, NEW.currency, NEW.created_at)
                  IS DISTINCT FROM (OLD.order_id, OLD.amount_minor, OLD.currency, OLD.created_at)
                  OR NEW.owner_id <> OLD.owner_id AND OLD.owner_id <> E'\x1fadopted')
            THEN 'order_is_immutable'
        WHEN TG_OP = 'INSERT'
             AND (NEW.order_id !~ '^[A-Za-z0-9._-]+$' OR length(NEW.order_id) > 64
                  OR NEW.order_id IN ('.', '..'))
            THEN 'order_id_is_allowed'
        WHEN length(NEW.owner_id) NOT BETWEEN 1 AND 255 THEN 'owner_id_has_length'
        WHEN NEW.status NOT IN ('open', 'paid', 'refunded') THEN 'order_status_is_known'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'order %: %', NEW.order_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- the status that follows from these facts; payment_derive does the same in C
CREATE OR REPLACE FUNCTION payapi.payment_status(captured_minor bigint, refunded_minor bigint,
    close_reason text, progress text, due_minor bigint, accepted boolean)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (captured_minor > 0) THEN CASE WHEN (refunded_minor >= captured_minor) THEN
    'refunded'::text WHEN ((captured_minor < due_minor) AND (NOT accepted)) THEN 'processing'::text
    WHEN (refunded_minor = 0) THEN 'completed'::text ELSE 'partially_refunded'::text END WHEN
    (close_reason <> 'open'::text) THEN close_reason WHEN (progress = 'none'::text) THEN
    'pending'::text WHEN (progress = 'opened'::text) THEN 'processing'::text ELSE progress END;
GRANT EXECUTE ON FUNCTION payapi.payment_status(bigint,bigint,text,text,bigint,boolean) TO
    payapi_app;
GRANT EXECUTE ON FUNCTION payapi.payment_status(bigint,bigint,text,text,bigint,boolean) TO
    payapi_read;

-- trigger: checks the values of a payment; facts only grow, the status follows from them,
-- references are written once
CREATE OR REPLACE FUNCTION payapi.payments_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    closes CONSTANT pg_catalog.text[] := ARRAY['open', 'failed', 'expired', 'cancelled'];
    moved CONSTANT pg_catalog.bool := TG_OP = 'UPDATE'
        AND (NEW.order_id, NEW.amount_minor) IS DISTINCT FROM (OLD.order_id, OLD.amount_minor);
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN array_position(closes, NEW.close_reason) IS NULL THEN 'close_reason_is_known'
        WHEN NEW.progress NOT IN ('none', 'opened', 'requires_action', 'processing', 'failed')
            THEN 'progress_is_known'
        WHEN NEW.dispute NOT IN ('none', 'open', 'won', 'lost') THEN 'dispute_overlay_is_known'
        WHEN (NEW.completed_at IS NOT NULL) <> (NEW.captured_minor > 0)
            THEN 'completed_when_captured'
        WHEN NEW.mismatch AND NEW.review_reason = '' THEN 'mismatch_has_a_reason'
        WHEN NEW.captured_minor > NEW.amount_minor AND NOT NEW.mismatch
            THEN 'captured_within_amount'
        WHEN NEW.status <> payapi.payment_status(
                 NEW.captured_minor, NEW.refunded_minor, NEW.close_reason, NEW.progress,
                 NEW.amount_minor, NEW.accepted)
            THEN 'status_follows_from_facts'
        WHEN TG_OP = 'INSERT' AND NOT payapi.id_has_form(NEW.payment_id, 'pay_')
            THEN 'payment_id_has_form'
        WHEN TG_OP = 'INSERT' AND NOT payapi.provider_is_known(NEW.provider)
            THEN 'payment_provider_is_known'
    END;
    IF TG_OP = 'UPDATE' AND broken IS NULL THEN
        broken := CASE
            WHEN (NEW.payment_id, NEW.currency, NEW.provider, NEW.expires_at, NEW.created_at)
                 IS DISTINCT FROM (OLD.payment_id, OLD.currency, OLD.provider, OLD.expires_at,
                                   OLD.created_at)
                THEN 'payment_is_immutable'
            WHEN moved AND (NEW.order_id = OLD.order_id OR OLD.captured_minor = 0
                            OR NOT (OLD.surplus OR OLD.status = 'processing'))
                THEN 'payment_is_immutable'
            WHEN moved AND (OLD.refund_held_minor > 0 OR OLD.disputed_minor > 0)
                THEN 'attached_money_is_whole'
            WHEN NEW.captured_minor < OLD.captured_minor THEN 'captured_never_shrinks'
            WHEN array_position(closes, NEW.close_reason) < array_position(closes, OLD.close_reason)
                THEN 'closed_stays_closed'
            WHEN OLD.surplus AND NOT NEW.surplus AND NOT moved THEN 'surplus_is_sticky'
            WHEN OLD.mismatch AND NOT NEW.mismatch THEN 'mismatch_is_sticky'
            WHEN OLD.accepted AND NOT NEW.accepted AND NOT moved THEN 'acceptance_is_sticky'
            WHEN OLD.review_causes & NEW.review_causes <> OLD.review_causes
                THEN 'review_causes_are_sticky'
            WHEN OLD.provider_ref <> NEW.provider_ref
                 OR (OLD.provider_ref IS NOT NULL AND NEW.provider_ref IS NULL)
                THEN 'provider_ref_is_written_once'
            WHEN OLD.provider_intent <> NEW.provider_intent
                 OR (OLD.provider_intent IS NOT NULL AND NEW.provider_intent IS NULL)
                THEN 'provider_intent_is_written_once'
            WHEN OLD.completed_at <> NEW.completed_at THEN 'completed_once'
        END;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'payment %: %', NEW.payment_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- makes the deliveries of new events; returns how many events there were, 0 also while another
-- process plans
CREATE OR REPLACE FUNCTION payapi.plan_deliveries(at_most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
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
    -- A transaction with a greater id may have told of the payment first. The end of a piece must
    -- not
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
$function$;
GRANT EXECUTE ON FUNCTION payapi.plan_deliveries(integer) TO payapi_deliver;

-- trigger: checks the values of a call; a finished one has a known outcome, or a human gave it up
CREATE OR REPLACE FUNCTION payapi.provider_calls_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NEW.verdict NOT IN
             ('done', 'refused', 'not_executed', 'misconfigured', 'unknown', 'given_up')
            THEN 'verdict_is_known'
        WHEN NEW.finished_at IS NOT NULL
             AND coalesce(NEW.verdict, '') NOT IN ('done', 'refused', 'given_up')
            THEN 'finished_means_known'
        WHEN NEW.looks NOT BETWEEN 0 AND NEW.attempts THEN 'looks_are_attempts'
        WHEN NEW.maybe_executed AND NEW.sent_at IS NULL THEN 'executed_means_sent'
        WHEN TG_OP = 'UPDATE' THEN NULL
        WHEN NOT payapi.id_has_form(NEW.call_id, 'pca_') THEN 'call_id_has_form'
        WHEN NEW.operation NOT IN ('checkout', 'expire', 'refund') THEN 'operation_is_known'
        WHEN NEW.idempotency_key = '' THEN 'call_has_key'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'call %: %', NEW.call_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- whether a payment may use this provider
CREATE OR REPLACE FUNCTION payapi.provider_is_known(name text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
BEGIN
    RETURN EXISTS (SELECT FROM payapi.providers AS p WHERE p.provider OPERATOR(pg_catalog.=) name);
END
$function$;
GRANT EXECUTE ON FUNCTION payapi.provider_is_known(text) TO payapi_app;

-- deletes old deliveries with their attempts, oldest first; returns how many
CREATE OR REPLACE FUNCTION payapi.purge_deliveries(older_than_days integer, at_most integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
DECLARE
    old    text[];
    purged bigint;
BEGIN
    PERFORM FROM webhook_endpoints ORDER BY endpoint_id FOR NO KEY UPDATE;
    old := ARRAY(
        SELECT d.delivery_id
          FROM webhook_endpoints AS e
               CROSS JOIN LATERAL (
                   SELECT o.delivery_id, o.event_at
                     FROM webhook_deliveries AS o
                    WHERE o.endpoint_id = e.endpoint_id
                    ORDER BY o.delivery_id
                    LIMIT at_most) AS d
         WHERE d.event_at < now() - make_interval(days => greatest(older_than_days, 15)));
    UPDATE webhook_deliveries
       SET status = CASE status WHEN 'waiting' THEN 'pending' ELSE status END, released = true
     WHERE delivery_id = ANY (old) AND NOT released;
    PERFORM release_waiting(old);
    DELETE FROM webhook_deliveries WHERE delivery_id = ANY (old);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$function$;
GRANT EXECUTE ON FUNCTION payapi.purge_deliveries(integer,integer) TO payapi_app;

-- deletes expired keys that nobody holds, oldest first; returns how many
CREATE OR REPLACE FUNCTION payapi.purge_idempotency_keys(older_than_hours integer, at_most integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
DECLARE
    purged bigint;
BEGIN
    DELETE FROM idempotency_keys
     WHERE (principal, route, key) IN (
           SELECT principal, route, key FROM idempotency_keys
            WHERE created_at < now() - make_interval(hours => greatest(older_than_hours, 1))
              AND (state = 'done' OR locked_until <= now())
            ORDER BY created_at LIMIT at_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$function$;
GRANT EXECUTE ON FUNCTION payapi.purge_idempotency_keys(integer,integer) TO payapi_app;

-- empties bodies of finished events, oldest first, never of received or dead ones; returns how many
CREATE OR REPLACE FUNCTION payapi.purge_webhook_bodies(older_than_days integer, at_most integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
DECLARE
    purged bigint;
BEGIN
    UPDATE webhook_events
       SET body = '', body_purged_at = now()
     WHERE inbox_id IN (SELECT inbox_id FROM webhook_events
                         WHERE status IN ('processed', 'ignored') AND body_purged_at IS NULL
                           AND finished_at
                               < now() - make_interval(days => greatest(older_than_days, 1))
                         ORDER BY finished_at LIMIT at_most FOR NO KEY UPDATE SKIP LOCKED);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$function$;
GRANT EXECUTE ON FUNCTION payapi.purge_webhook_bodies(integer,integer) TO payapi_app;

-- trigger: checks the values of a finding; what was found never changes
CREATE OR REPLACE FUNCTION payapi.reconciliation_findings_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NEW.kind NOT IN
             ('missing_here', 'missing_there', 'other_amount', 'other_currency', 'other_day')
            THEN 'finding_kind_is_known'
        WHEN NEW.object NOT IN ('charge', 'refund', 'dispute') THEN 'finding_object_is_known'
        WHEN NEW.state NOT IN ('open', 'healed', 'explained') THEN 'finding_state_is_known'
        WHEN NEW.provider_ref = '' OR NEW.note = '' THEN 'finding_says_what'
        WHEN NEW.kind <> 'missing_there' AND NEW.their_minor IS NULL THEN 'finding_has_their_side'
        WHEN NEW.kind = 'missing_there' AND NEW.our_minor IS NULL THEN 'finding_has_our_side'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.finding_id, NEW.reconciliation_id, NEW.kind, NEW.object, NEW.provider_ref,
              NEW.found_at)
             IS DISTINCT FROM
             (OLD.finding_id, OLD.reconciliation_id, OLD.kind, OLD.object, OLD.provider_ref,
              OLD.found_at)
            THEN 'finding_is_immutable'
        WHEN NEW.pass < OLD.pass THEN 'finding_never_goes_back'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'finding %: %', NEW.finding_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- trigger: checks the values of a reconciliation; one that is done has ended without an error
CREATE OR REPLACE FUNCTION payapi.reconciliations_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT payapi.id_has_form(NEW.reconciliation_id, 'rec_') THEN 'reconciliation_id_has_form'
        WHEN NEW.state NOT IN ('waiting', 'running', 'done') THEN 'reconciliation_state_is_known'
        WHEN NEW.book NOT IN ('charges', 'refunds', 'disputes', 'ours')
            THEN 'reconciliation_book_is_known'
        WHEN (NEW.state = 'done') <> (NEW.finished_at IS NOT NULL) THEN 'done_means_finished'
        WHEN NEW.state = 'done' AND NEW.error IS NOT NULL THEN 'done_means_no_error'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.reconciliation_id, NEW.provider, NEW.day, NEW.created_at)
             IS DISTINCT FROM (OLD.reconciliation_id, OLD.provider, OLD.day, OLD.created_at)
            THEN 'reconciliation_is_immutable'
        WHEN NEW.passes < OLD.passes OR NEW.fence < OLD.fence THEN 'reconciliation_never_goes_back'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'reconciliation %: %', NEW.reconciliation_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- whether the money went back or still may
CREATE OR REPLACE FUNCTION payapi.refund_holds(status text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (payapi.refund_rank(status) <= payapi.refund_rank('succeeded'::text));

-- of two reports on a refund, the one with the higher rank counts; null: not a status of a refund
CREATE OR REPLACE FUNCTION payapi.refund_rank(status text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN array_position(ARRAY['pending'::text, 'requires_action'::text, 'succeeded'::text,
    'cancelled'::text, 'failed'::text], status);
GRANT EXECUTE ON FUNCTION payapi.refund_rank(text) TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.refund_rank(text) TO payapi_read;

-- trigger: updates the payment's refund counters, its status, and the time of that
CREATE OR REPLACE FUNCTION payapi.refunds_count()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
DECLARE
    held bigint := NEW.amount_minor * payapi.refund_holds(NEW.status)::int;
    done bigint := NEW.amount_minor * (NEW.status = 'succeeded')::int;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        held := held - OLD.amount_minor * payapi.refund_holds(OLD.status)::int;
        done := done - OLD.amount_minor * (OLD.status = 'succeeded')::int;
    END IF;
    IF held <> 0 OR done <> 0 THEN
        UPDATE payments
           SET refund_held_minor = refund_held_minor + held,
               refunded_minor = refunded_minor + done,
               status = payment_status(captured_minor, refunded_minor + done, close_reason,
                                       progress, amount_minor, accepted),
               updated_at = CASE WHEN done <> 0 THEN NEW.updated_at ELSE updated_at END
         WHERE payment_id = NEW.payment_id;
    END IF;
    RETURN NULL;
END
$function$;

-- trigger: checks the values of a refund; it is never rewritten, and a decision stays
CREATE OR REPLACE FUNCTION payapi.refunds_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN TG_OP = 'UPDATE'
             AND (NEW.refund_id, NEW.payment_id, NEW.amount_minor, NEW.currency, NEW.provider,
                  NEW.client_key, NEW.origin, NEW.created_at)
                 IS DISTINCT FROM
                 (OLD.refund_id, OLD.payment_id, OLD.amount_minor, OLD.currency, OLD.provider,
                  OLD.client_key, OLD.origin, OLD.created_at)
            THEN 'refund_is_immutable'
        WHEN TG_OP = 'INSERT' AND NOT payapi.id_has_form(NEW.refund_id, 'ref_')
            THEN 'refund_id_has_form'
        WHEN payapi.refund_rank(NEW.status) IS NULL THEN 'refund_status_is_known'
        WHEN NEW.origin NOT IN ('api', 'provider', 'surplus', 'elsewhere')
            THEN 'refund_origin_is_known'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN payapi.refund_rank(NEW.status) < payapi.refund_rank(OLD.status)
             AND NOT (OLD.status = 'failed' AND OLD.provider_ref IS NULL
                      AND NEW.provider_ref IS NOT NULL)
            THEN 'refund_never_goes_back'
        WHEN OLD.provider_ref <> NEW.provider_ref
             OR (OLD.provider_ref IS NOT NULL AND NEW.provider_ref IS NULL)
            THEN 'refund_ref_is_written_once'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'refund %: %', NEW.refund_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- trigger: rejects the statement; nobody, not even the owner, changes history
CREATE OR REPLACE FUNCTION payapi.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'payapi', 'pg_temp'
AS $function$
BEGIN
    RAISE EXCEPTION '% is history: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$function$;

-- raises PA001, which ends the transaction
CREATE OR REPLACE FUNCTION payapi.refuse_count(changed_rows bigint)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% rows changed instead of one', changed_rows USING ERRCODE = 'PA001';
END
$function$;
GRANT EXECUTE ON FUNCTION payapi.refuse_count(bigint) TO payapi_app;

-- lets the next events of the same payments go, if nothing before them holds them up any more
CREATE OR REPLACE FUNCTION payapi.release_waiting(after_deliveries text[])
 RETURNS void
 LANGUAGE sql
BEGIN ATOMIC
 UPDATE payapi.webhook_deliveries w SET status = 'pending'::text, next_at = clock_timestamp()
   WHERE ((w.status = 'waiting'::text) AND ((w.payment_id, w.endpoint_id) IN ( SELECT d.payment_id,
             d.endpoint_id
            FROM payapi.webhook_deliveries d
           WHERE (d.delivery_id = ANY (release_waiting.after_deliveries)))) AND (NOT (EXISTS (
               SELECT
            FROM payapi.webhook_deliveries b
           WHERE ((b.payment_id = w.payment_id) AND (b.endpoint_id = w.endpoint_id) AND (b.seq <
               w.seq) AND (NOT b.released))))));
END;

-- programs refuse to start below the version they need
CREATE OR REPLACE FUNCTION payapi.schema_version()
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN 7;
GRANT EXECUTE ON FUNCTION payapi.schema_version() TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.schema_version() TO payapi_deliver;
GRANT EXECUTE ON FUNCTION payapi.schema_version() TO payapi_live;
GRANT EXECUTE ON FUNCTION payapi.schema_version() TO payapi_read;

-- how far to plan, so that it is about at_most rows: more only if they are of one transaction
CREATE OR REPLACE FUNCTION payapi.snapshot_piece(former payapi.webhook_planning, seen pg_snapshot,
    at_most integer)
 RETURNS pg_snapshot
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 WITH last AS (
          SELECT (payapi.xid_number(audit_log.xid) + 1) AS piece_end
            FROM payapi.audit_log
           WHERE ((payapi.xid_number(audit_log.xid) >=
               payapi.xid_number(pg_snapshot_xmax((snapshot_piece.former).planned_to))) AND
               (payapi.xid_number(audit_log.xid) <
               payapi.xid_number(pg_snapshot_xmax(snapshot_piece.seen))) AND (audit_log.audit_id >
               (snapshot_piece.former).restored_id))
           ORDER BY (payapi.xid_number(audit_log.xid)), audit_log.audit_id
          OFFSET (snapshot_piece.at_most - 1)
          LIMIT 1
         )
  SELECT COALESCE(( SELECT (format('%s:%s:%s'::text, COALESCE(min(payapi.xid_number(x.x)),
      l.piece_end), l.piece_end, string_agg((x.x)::text, ','::text ORDER BY x.x)))::pg_snapshot AS
      format
            FROM (last l
              LEFT JOIN pg_snapshot_xip(snapshot_piece.seen) x(x) ON ((payapi.xid_number(x.x) <
                  l.piece_end)))
           GROUP BY l.piece_end), seen) AS "coalesce";
END;

-- trigger: checks the values of a movement; money out is negative, money in is positive
CREATE OR REPLACE FUNCTION payapi.transactions_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT CASE NEW.kind WHEN 'charge' THEN NEW.amount_minor > 0
                               WHEN 'refund' THEN NEW.amount_minor < 0
                               WHEN 'refund_reversal' THEN NEW.amount_minor > 0
                               WHEN 'dispute' THEN NEW.amount_minor < 0
                               WHEN 'dispute_reversal' THEN NEW.amount_minor > 0
                               WHEN 'reassignment' THEN NEW.amount_minor <> 0
                               ELSE false END THEN 'sign_fits_kind'
        WHEN NOT payapi.id_has_form(NEW.transaction_id, 'txn_') THEN 'transaction_id_has_form'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'transaction %: %', NEW.transaction_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- the rows of the audit log that are to be planned
CREATE OR REPLACE FUNCTION payapi.unplanned_events(former payapi.webhook_planning, seen pg_snapshot)
 RETURNS SETOF bigint
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT audit_log.audit_id
    FROM payapi.audit_log
   WHERE (((unplanned_events.former).system_id = ( SELECT pg_control_system.system_identifier
            FROM pg_control_system() pg_control_system(pg_control_version, catalog_version_no,
                system_identifier, pg_control_last_modified))) AND
                (payapi.xid_number(audit_log.xid) >=
                payapi.xid_number(pg_snapshot_xmax((unplanned_events.former).planned_to))) AND
                (payapi.xid_number(audit_log.xid) <
                payapi.xid_number(pg_snapshot_xmax(unplanned_events.seen))) AND (audit_log.audit_id
                > (unplanned_events.former).restored_id) AND (audit_log.event_id IS NOT NULL) AND
                pg_visible_in_snapshot(audit_log.xid, unplanned_events.seen))
 UNION ALL
  SELECT audit_log.audit_id
    FROM payapi.audit_log
   WHERE (((unplanned_events.former).system_id = ( SELECT pg_control_system.system_identifier
            FROM pg_control_system() pg_control_system(pg_control_version, catalog_version_no,
                system_identifier, pg_control_last_modified))) AND
                (payapi.xid_number(audit_log.xid) = ANY (ARRAY( SELECT payapi.xid_number(x.x) AS
                xid_number
            FROM pg_snapshot_xip((unplanned_events.former).planned_to) x(x)))) AND
                (audit_log.audit_id > (unplanned_events.former).restored_id) AND
                (audit_log.event_id IS NOT NULL) AND pg_visible_in_snapshot(audit_log.xid,
                unplanned_events.seen))
 UNION ALL
  SELECT audit_log.audit_id
    FROM payapi.audit_log
   WHERE (((unplanned_events.former).system_id <> ( SELECT pg_control_system.system_identifier
            FROM pg_control_system() pg_control_system(pg_control_version, catalog_version_no,
                system_identifier, pg_control_last_modified))) AND (audit_log.event_id IS NOT NULL)
                AND ((audit_log.audit_id > (unplanned_events.former).planned_id) OR (NOT
                pg_visible_in_snapshot(audit_log.xid, (unplanned_events.former).planned_to))));
END;

-- trigger: checks the values of an endpoint; a deleted one never changes
CREATE OR REPLACE FUNCTION payapi.webhook_endpoints_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT payapi.id_has_form(NEW.endpoint_id, 'wep_') THEN 'endpoint_id_has_form'
        WHEN octet_length(NEW.url) > 2048 OR NEW.url !~ '^https?://[!-~]+$'
            THEN 'endpoint_url_has_form'
        WHEN cardinality(NEW.events) NOT BETWEEN 1 AND 64
             OR array_to_string(NEW.events, ' ', '?') !~ '^([*]|[a-z_.]+( [a-z_.]+)*)$'
            THEN 'endpoint_has_events'
        WHEN octet_length(NEW.description) > 256 OR NEW.description ~ '[[:cntrl:]]'
            THEN 'endpoint_description_is_short'
        WHEN NEW.status NOT IN ('enabled', 'disabled', 'deleted') THEN 'endpoint_status_is_known'
        WHEN (NEW.status = 'disabled') <> (NEW.disabled_reason IS NOT NULL)
             OR NEW.disabled_reason NOT IN ('asked', 'gone', 'failing')
            THEN 'disabled_has_a_reason'
        WHEN NEW.signs_from NOT BETWEEN 1 AND NEW.generation THEN 'generations_are_ordered'
        WHEN (NEW.failures = 0) <> (NEW.failing_since IS NULL) THEN 'failures_have_a_beginning'
        WHEN NEW.in_flight_max NOT IN (1, 2, 4) THEN 'in_flight_max_is_known'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.endpoint_id, NEW.created_at, NEW.created_by)
             IS DISTINCT FROM (OLD.endpoint_id, OLD.created_at, OLD.created_by)
            THEN 'endpoint_origin_is_immutable'
        WHEN NEW.generation NOT IN (OLD.generation, OLD.generation + 1)
            THEN 'generations_go_one_by_one'
        WHEN OLD.status = 'deleted' AND NEW IS DISTINCT FROM OLD THEN 'deleted_stays_deleted'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'webhook endpoint %: %', NEW.endpoint_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- trigger: checks the values of an event; processed ones have a payment, purged ones are finished
CREATE OR REPLACE FUNCTION payapi.webhook_events_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT payapi.webhook_status_is_known(NEW.status) THEN 'webhook_status_is_known'
        WHEN NEW.status = 'processed' AND NEW.payment_id IS NULL THEN 'processed_has_a_payment'
        WHEN NEW.body_purged_at IS NOT NULL
             AND (NEW.body <> '' OR NEW.status NOT IN ('processed', 'ignored'))
            THEN 'purged_is_finished'
        WHEN TG_OP = 'INSERT' AND NOT payapi.id_has_form(NEW.inbox_id, 'whe_')
            THEN 'inbox_id_has_form'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'event %: %', NEW.inbox_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$function$;

-- whether an event may have this status
CREATE OR REPLACE FUNCTION payapi.webhook_status_is_known(status text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (status = ANY (ARRAY['received'::text, 'processed'::text, 'ignored'::text, 'dead'::text]));
GRANT EXECUTE ON FUNCTION payapi.webhook_status_is_known(text) TO payapi_app;

-- a transaction id as a number; does not wrap around
CREATE OR REPLACE FUNCTION payapi.xid_number(xid8)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (($1)::text)::bigint;
GRANT EXECUTE ON FUNCTION payapi.xid_number(xid8) TO payapi_app;
GRANT EXECUTE ON FUNCTION payapi.xid_number(xid8) TO payapi_read;

