"""Each wrong state is refused under the constraint's name in the schema: one row for each constraint."""
import re

import pytest

from conftest import PAYMENT, other

FRESH_PAYMENT = other("pay", 2)
DIGEST = "decode(repeat('ab', 32), 'hex')"


def insert(table, **values):
    columns = ", ".join(values)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(values.values())})"


def order(**changes):
    values = {"order_id": "'o3'", "owner_id": "'a'", "amount_minor": "1", "currency": "'USD'",
              "created_at": "now()", "updated_at": "now()"}
    return insert("orders", **{**values, **changes})


def payment(**changes):
    values = {"payment_id": f"'{FRESH_PAYMENT}'", "order_id": "'o2'", "amount_minor": "500",
              "currency": "'EUR'", "provider": "'stripe'", "expires_at": "now()", "created_at": "now()",
              "updated_at": "now()"}
    return insert("payments", **{**values, **changes})


def call(**changes):
    values = {"call_id": f"'{other('pca', 2)}'", "payment_id": f"'{PAYMENT}'", "provider": "'stripe'",
              "operation": "'checkout'", "request_method": "'POST'", "request_path": "'/'",
              "request_body": "''", "idempotency_key": "'k2'", "started_at": "now()", "trace_id": "'t'"}
    return insert("provider_calls", **{**values, **changes})


def attempt(**changes):
    values = {"inbox_id": f"'{other('whe', 1)}'", "at": "now()", "actor": "'a'", "outcome": "'dead'",
              "reason": "''", "trace_id": "'t'"}
    return insert("webhook_attempts", **{**values, **changes})


def webhook(**changes):
    values = {"provider": "'stripe'", "event_id": "'evt_2'", "inbox_id": f"'{other('whe', 2)}'", "type": "'x'",
              "livemode": "true", "body": "''", "event_created_at": "now()", "received_at": "now()",
              "trace_id": "'t'"}
    return insert("webhook_events", **{**values, **changes})


def key(**changes):
    values = {"principal": "'alice'", "route": "'POST /'", "key": "'k2'", "fingerprint": f"'{'b' * 64}'",
              "holder": "'h'", "locked_until": "now()"}
    return insert("idempotency_keys", **{**values, **changes})


def movement(**changes):
    values = {"transaction_id": f"'{other('txn', 2)}'", "payment_id": f"'{PAYMENT}'", "order_id": "'o1'",
              "kind": "'charge'", "amount_minor": "1", "currency": "'USD'", "provider": "'stripe'",
              "provider_ref": "'pi_2'", "occurred_at": "now()", "trace_id": "'t'"}
    return insert("transactions", **{**values, **changes})


def refund(**changes):
    values = {"refund_id": f"'{other('ref', 2)}'", "payment_id": f"'{PAYMENT}'", "amount_minor": "100",
              "currency": "'USD'", "provider": "'stripe'", "created_at": "now()", "updated_at": "now()"}
    return insert("refunds", **{**values, **changes})


def dispute(**changes):
    values = {"dispute_id": f"'{other('dsp', 2)}'", "payment_id": f"'{PAYMENT}'", "provider": "'stripe'",
              "provider_ref": "'dp_2'", "amount_minor": "100", "currency": "'USD'", "status": "'open'",
              "told_at_ms": "5", "created_at": "now()", "updated_at": "now()"}
    return insert("disputes", **{**values, **changes})


def day(**changes):
    values = {"reconciliation_id": f"'{other('rec', 2)}'", "provider": "'stripe'", "day": "'2026-11-30'",
              "created_at": "now()"}
    return insert("reconciliations", **{**values, **changes})


def finding(**changes):
    values = {"reconciliation_id": f"'{other('rec', 2)}'", "kind": "'missing_here'", "object": "'charge'",
              "provider_ref": "'pi_1'", "their_minor": "1", "evidence": "'{}'", "state": "'open'", "note": "'x'",
              "pass": "1", "found_at": "now()", "changed_at": "now()"}
    return insert("reconciliation_findings", **{**values, **changes})


def confirmation(**changes):
    values = {"transaction_id": f"'{other('txn', 2)}'", "reconciliation_id": f"'{other('rec', 2)}'",
              "told_ref": "'ch_1'", "confirmed_at": "now()"}
    return insert("ledger_confirmations", **{**values, **changes})


def checkpoint(**changes):
    values = {"checkpoint_no": "2", "form": "2", "epoch": "1", "system_id": "7", "floor_id": "0", "from_id": "0",
              "to_id": "0", "last_id": "9", "note": "''", "from_xid": "5", "to_xid": "9", "row_count": "3", "root": DIGEST,
              "prev": DIGEST, "hash": DIGEST, "signature": "decode(repeat('cd', 64), 'hex')", "made_at_ms": "1"}
    return insert("audit_checkpoints", **{**values, **changes})


def api_key(**changes):
    values = {"key_id": f"'{other('key', 2)}'", "key_hash": DIGEST, "live": "false", "shown": "'01234567'",
              "name": "'shop'", "scopes": "'{orders:read}'", "created_at": "now()", "created_by": "'a'"}
    return insert("api_keys", **{**values, **changes})


def audit(**changes):
    values = {"order_id": "'o1'", "actor": "'a'", "action": "'b'", "body": "'{}'", "trace_id": "'t'"}
    return insert("audit_log", **{**values, **changes})


def facts(changes):
    return f"UPDATE payments SET {changes}"


PAID = "captured_minor = 9999, status = 'completed', completed_at = now()"
NO_ONE = f"'{other('pay', 9)}'"
# Rows that wrong rows collide with.
WON = dispute(dispute_id=f"'{other('dsp', 1)}'", provider_ref="'dp_1'", status="'won'", withdrawn_minor="100",
              reinstated_minor="100")
CHARGE = movement(transaction_id=f"'{other('txn', 1)}'", provider_ref="'pi_1'")
REFUND = [facts(PAID), refund(refund_id=f"'{other('ref', 1)}'", provider_ref="'re_1'", client_key="'k'",
                              status="'succeeded'")]
REFUSED = [facts(PAID), refund(refund_id=f"'{other('ref', 1)}'", client_key="'k'", status="'failed'")]
ANOTHER_ORDER = order(amount_minor="9999")
ATTACHED = facts("order_id = 'o3', surplus = false, accepted = false")
CLOSED = facts("close_reason = 'cancelled', status = 'cancelled'")

def endpoint(**changes):
    values = {"endpoint_id": f"'{other('wep', 1)}'", "url": "'https://shop.example/'", "events": "'{*}'",
              "description": "''", "created_at": "now()", "created_by": "'a'", "updated_at": "now()"}
    return insert("webhook_endpoints", **{**values, **changes})


def delivery(**changes):
    values = {"delivery_id": f"'{other('del', 1)}'", "endpoint_id": f"'{other('wep', 1)}'", "audit_id": "1",
              "status": "'pending'", "next_at": "now()", "event_at": "now()"}
    return insert("webhook_deliveries", **{**values, **changes})


def delivery_attempt(**changes):
    values = {"delivery_id": f"'{other('del', 1)}'", "attempt": "1", "at": "now()", "duration_ms": "1",
              "http_status": "200", "error": "''", "answer": "''"}
    return insert("webhook_delivery_attempts", **{**values, **changes})


WRONG = [
    # orders
    ("orders_pkey", order(order_id="'o1'")),
    ("order_id_is_allowed", order(order_id="'.'")),
    ("order_id_is_allowed", order(order_id="'a/b'")),
    ("order_id_is_allowed", order(order_id="''")),
    ("order_id_is_allowed", order(order_id=f"'{'x' * 65}'")),
    ("owner_id_has_length", order(owner_id="''")),
    ("owner_id_has_length", order(owner_id=f"'{'x' * 256}'")),
    ("order_amount_is_positive", order(amount_minor="0")),
    ("amount_in_bounds", order(amount_minor="-1")),
    ("amount_in_bounds", order(amount_minor="1000000000000")),
    ("currency_is_three_capitals", order(currency="'usd'")),
    ("currency_is_three_capitals", order(currency="'EURO'")),
    ("order_status_is_known", order(status="'lost'")),
    ("order_status_is_known", "UPDATE orders SET status = 'lost' WHERE order_id = 'o2'"),
    ("order_is_immutable", "UPDATE orders SET amount_minor = 1 WHERE order_id = 'o2'"),
    ("order_is_immutable", "UPDATE orders SET currency = 'JPY' WHERE order_id = 'o2'"),
    ("order_is_immutable", "UPDATE orders SET owner_id = 'm' WHERE order_id = 'o2'"),
    ("order_is_immutable", "UPDATE orders SET order_id = 'o4' WHERE order_id = 'o2'"),
    ("order_is_immutable", "UPDATE orders SET created_at = now() - interval '1 day' WHERE order_id = 'o2'"),
    # providers
    ("providers_pkey", "INSERT INTO providers (provider) VALUES ('stripe')"),
    ("provider_is_a_word", "INSERT INTO providers (provider) VALUES ('Tiny Pay')"),
    ("providers_append_only", "DELETE FROM providers"),
    ("providers_append_only", "UPDATE providers SET provider = 'tiny' WHERE provider = 'stripe'"),
    # payments
    ("payments_pkey", payment(payment_id=f"'{PAYMENT}'")),
    ("payment_id_has_form", payment(payment_id="'pay_1'")),
    ("payment_id_has_form", payment(payment_id=f"'pay_{'I' * 26}'")),
    ("payment_provider_is_known", payment(provider="'cash'")),
    ("payment_amount_is_the_orders", payment(amount_minor="499")),
    ("payment_amount_is_the_orders", payment(currency="'USD'")),
    ("payment_amount_is_the_orders", payment(order_id="'o9'")),
    ("one_live_payment", payment(order_id="'o1'", amount_minor="9999", currency="'USD'")),
    ("one_live_payment", [facts(PAID), payment(order_id="'o1'", amount_minor="9999", currency="'USD'")]),
    ("provider_ref_once", payment(provider_ref="'cs_1'")),
    ("provider_intent_once", payment(provider_intent="'pi_1'")),
    ("close_reason_is_known", facts("close_reason = 'lost'")),
    ("progress_is_known", facts("progress = 'slow'")),
    ("refunds_within_captured", facts(PAID + ", refund_held_minor = 10000")),
    ("refunds_within_captured", facts(PAID.replace("'completed'", "'partially_refunded'") + ", refunded_minor = 1")),
    ("captured_within_amount", facts("captured_minor = 10000, status = 'completed', completed_at = now()")),
    ("completed_when_captured", facts("completed_at = now()")),
    ("completed_when_captured", facts("captured_minor = 1, status = 'processing'")),
    ("mismatch_has_a_reason", facts("mismatch = true")),
    ("status_follows_from_facts", facts("status = 'completed'")),
    ("status_follows_from_facts", facts("captured_minor = 9998, status = 'completed', completed_at = now()")),
    ("status_follows_from_facts", facts("captured_minor = 9998, status = 'processing', completed_at = now(),"
                                        " accepted = true")),
    ("payment_is_immutable", facts("amount_minor = 1")),
    ("payment_is_immutable", facts("order_id = 'o2'")),
    ("payment_is_immutable", facts("provider = 'paystack'")),
    ("payment_is_immutable", facts("expires_at = now() + interval '1 day'")),
    ("payment_is_immutable", [ANOTHER_ORDER, facts("surplus = true"), ATTACHED]),
    ("payment_is_immutable", [ANOTHER_ORDER, facts(PAID), ATTACHED]),
    ("payment_is_immutable", [facts(PAID + ", surplus = true"), facts("amount_minor = 9998, mismatch = true, review_reason = 'x'")]),
    ("attached_money_is_whole", [ANOTHER_ORDER, facts(PAID + ", surplus = true, refund_held_minor = 1"), ATTACHED]),
    ("attached_money_is_whole", [ANOTHER_ORDER, facts(PAID + ", surplus = true, disputed_minor = 1"), ATTACHED]),
    ("captured_never_shrinks", [facts(PAID), facts("captured_minor = 1, status = 'processing'")]),
    ("closed_stays_closed", [CLOSED, facts("close_reason = 'open', status = 'pending'")]),
    ("closed_stays_closed", [CLOSED, facts("close_reason = 'expired', status = 'expired'")]),
    ("surplus_is_sticky", [facts("surplus = true"), facts("surplus = false")]),
    ("review_causes_are_sticky", [facts("review_causes = 6"), facts("review_causes = 4")]),
    ("acceptance_is_sticky", [facts("accepted = true"), facts("accepted = false")]),
    ("mismatch_is_sticky", [facts("mismatch = true, review_reason = 'x'"), facts("mismatch = false")]),
    ("provider_ref_is_written_once", facts("provider_ref = 'cs_2'")),
    ("provider_ref_is_written_once", facts("provider_ref = NULL")),
    ("provider_intent_is_written_once", facts("provider_intent = 'pi_2'")),
    ("provider_intent_is_written_once", facts("provider_intent = NULL")),
    ("completed_once", [facts(PAID), facts("completed_at = now() - interval '1 day'")]),
    # provider_calls
    ("provider_calls_pkey", call(call_id=f"'{other('pca', 1)}'")),
    ("call_id_has_form", call(call_id="'1'")),
    ("provider_calls_payment_id_fkey", call(payment_id=NO_ONE)),
    ("operation_is_known", call(operation="'guess'")),
    ("call_has_key", call(idempotency_key="''")),
    ("provider_key_once", call(idempotency_key="'k1'")),
    ("verdict_is_known", call(verdict="'perhaps'")),
    ("finished_means_known", call(finished_at="now()", verdict="'unknown'")),
    ("finished_means_known", call(finished_at="now()")),
    ("looks_are_attempts", call(looks="2")),
    ("executed_means_sent", call(maybe_executed="true")),
    ("verdict_is_known", "UPDATE provider_calls SET verdict = 'perhaps'"),
    ("looks_are_attempts", "UPDATE provider_calls SET looks = -1"),
    ("finished_means_known", "UPDATE provider_calls SET finished_at = now(), verdict = NULL"),
    # webhook_events
    ("webhook_events_pkey", webhook(event_id="'evt_1'")),
    ("inbox_id_once", webhook(inbox_id=f"'{other('whe', 1)}'")),
    ("inbox_id_has_form", webhook(inbox_id="'1'")),
    ("webhook_status_is_known", webhook(status="'lost'")),
    ("processed_has_a_payment", webhook(status="'processed'")),
    ("webhook_events_payment_id_fkey", webhook(payment_id=NO_ONE)),
    ("purged_is_finished", webhook(body_purged_at="now()")),
    ("webhook_status_is_known", "UPDATE webhook_events SET status = 'lost'"),
    ("processed_has_a_payment", "UPDATE webhook_events SET status = 'processed', payment_id = NULL"),
    ("purged_is_finished", "UPDATE webhook_events SET body_purged_at = now()"),
    ("webhook_attempts_pkey", "INSERT INTO webhook_attempts (attempt_id, inbox_id, at, actor, outcome, reason, trace_id)"
                              " OVERRIDING SYSTEM VALUE SELECT n / n, inbox_id, now(), 'a', 'dead', '', 't'"
                              " FROM webhook_events, generate_series(1, 2) AS n"),
    ("webhook_attempts_inbox_id_fkey", attempt(inbox_id="'whe_nobody'")),
    ("attempt_outcome_is_known", attempt(outcome="'lost'")),
    ("webhook_attempts_append_only", "DELETE FROM webhook_attempts"),
    # job_rounds
    ("job_rounds_pkey", "INSERT INTO job_rounds (finished_at) VALUES (now())"),
    ("job_rounds_one_row", "INSERT INTO job_rounds (only_row, finished_at) VALUES (false, now())"),
    # provider_cursors
    ("provider_cursors_pkey", "INSERT INTO provider_cursors (provider, pulled_to_s)"
                              " SELECT 'stripe', 0 FROM generate_series(1, 2)"),
    # idempotency_keys
    ("idempotency_keys_pkey", key(key="'k1'")),
    ("key_has_form", key(key="''")),
    ("key_has_form", key(key="'a b'")),
    ("key_has_form", key(key=f"'{'x' * 256}'")),
    ("fingerprint_is_sha256", key(fingerprint="'abc'")),
    ("key_state_is_known", key(state="'lost'")),
    ("done_has_an_answer", key(state="'done'")),
    ("done_has_an_answer", key(answer_status="200", answer_body="''")),
    ("key_state_is_known", "UPDATE idempotency_keys SET state = 'lost'"),
    ("done_has_an_answer", "UPDATE idempotency_keys SET state = 'done', answer_status = 200, answer_body = NULL"),
    # refunds
    ("refunds_pkey", [*REFUND, refund(refund_id=f"'{other('ref', 1)}'")]),
    ("refund_id_has_form", refund(refund_id="'ref_1'")),
    ("refunds_payment_id_fkey", refund(payment_id=NO_ONE, status="'failed'")),
    ("refund_amount_is_positive", refund(amount_minor="0")),
    ("refund_status_is_known", refund(status="'lost'")),
    ("refund_origin_is_known", refund(origin="'magic'")),
    ("refund_ref_once", [*REFUND, refund(provider_ref="'re_1'")]),
    ("refund_key_once", [*REFUND, refund(client_key="'k'")]),
    ("refunds_within_captured", refund()),
    ("refunds_within_captured", [*REFUND, refund(amount_minor="9900")]),
    ("refund_status_is_known", [*REFUND, "UPDATE refunds SET status = 'lost'"]),
    ("refund_is_immutable", [*REFUND, "UPDATE refunds SET amount_minor = 1"]),
    ("refund_is_immutable", [*REFUND, "UPDATE refunds SET client_key = 'other'"]),
    ("refund_never_goes_back", [*REFUND, "UPDATE refunds SET status = 'pending'"]),
    ("refund_never_goes_back", [*REFUSED, "UPDATE refunds SET status = 'succeeded'"]),
    ("refund_never_goes_back", [*REFUSED, "UPDATE refunds SET provider_ref = 're_1'", "UPDATE refunds SET status = 'pending'"]),
    ("refund_ref_is_written_once", [*REFUND, "UPDATE refunds SET provider_ref = 're_2'"]),
    ("refund_ref_is_written_once", [*REFUND, "UPDATE refunds SET provider_ref = NULL"]),
    ("refunds_append_only", "DELETE FROM refunds"),
    ("provider_calls_refund_id_fkey", call(refund_id=f"'{other('ref', 9)}'")),
    # disputes
    ("disputes_pkey", [WON, dispute(dispute_id=f"'{other('dsp', 1)}'")]),
    ("dispute_id_has_form", dispute(dispute_id="'dsp_1'")),
    ("disputes_payment_id_fkey", dispute(payment_id=NO_ONE)),
    ("dispute_ref_is_named", dispute(provider_ref="''")),
    ("dispute_ref_once", [WON, dispute(provider_ref="'dp_1'")]),
    ("dispute_amount_is_positive", dispute(amount_minor="0")),
    ("dispute_status_is_known", dispute(status="'none'")),
    ("contradiction_reads_open", dispute(status="'won'", contradictory="true")),
    ("reinstated_within_withdrawn", dispute(reinstated_minor="1")),
    ("dispute_is_immutable", [WON, "UPDATE disputes SET provider_ref = 'dp_3'"]),
    ("dispute_is_immutable", [WON, "UPDATE disputes SET currency = 'EUR'"]),
    ("dispute_is_immutable", [WON, "UPDATE disputes SET created_at = now() - interval '1 day'"]),
    ("dispute_never_goes_back", [WON, "UPDATE disputes SET told_at_ms = 4"]),
    ("dispute_never_goes_back", [WON, "UPDATE disputes SET status = 'open'"]),
    ("dispute_never_goes_back", [WON, "UPDATE disputes SET status = 'closed'"]),
    ("dispute_never_goes_back", [WON, "UPDATE disputes SET status = 'lost'"]),
    ("dispute_never_goes_back", [WON, "UPDATE disputes SET status = 'open', contradictory = true",
                                 "UPDATE disputes SET status = 'won', contradictory = false"]),
    ("dispute_money_never_shrinks", [WON, "UPDATE disputes SET reinstated_minor = 99"]),
    ("dispute_money_never_shrinks", [WON, "UPDATE disputes SET reinstated_minor = 99, withdrawn_minor = 99"]),
    ("disputes_append_only", "DELETE FROM disputes"),
    ("dispute_overlay_is_known", facts("dispute = 'closed'")),
    # transactions
    ("transactions_pkey", [CHARGE, movement(transaction_id=f"'{other('txn', 1)}'", kind="'dispute'",
                                            amount_minor="-1")]),
    ("transaction_id_has_form", movement(transaction_id="'1'")),
    ("movement_once", [CHARGE, movement(provider_ref="'pi_1'")]),
    ("one_charge_per_payment", [CHARGE, movement()]),
    ("sign_fits_kind", movement(amount_minor="-1")),
    ("sign_fits_kind", movement(kind="'refund'", amount_minor="1")),
    ("sign_fits_kind", movement(kind="'gift'")),
    ("transactions_payment_id_fkey", movement(payment_id=NO_ONE)),
    ("transactions_order_id_fkey", movement(order_id="'o9'")),
    ("transactions_append_only", "UPDATE transactions SET amount_minor = 2"),
    # reconciliations and what they find
    ("reconciliations_pkey", [day(), day(provider="'paystack'")]),
    ("day_once", [day(), day(reconciliation_id=f"'{other('rec', 3)}'")]),
    ("reconciliation_id_has_form", day(reconciliation_id="'rec_1'")),
    ("reconciliation_state_is_known", day(state="'lost'")),
    ("reconciliation_book_is_known", day(book="'payouts'")),
    ("done_means_finished", day(state="'done'")),
    ("done_means_finished", [day(), "UPDATE reconciliations SET finished_at = now()"]),
    ("done_means_no_error", day(state="'done'", finished_at="now()", error="'x'")),
    ("reconciliation_is_immutable", [day(), "UPDATE reconciliations SET day = '2026-11-29'"]),
    ("reconciliation_never_goes_back", [day(passes="2"), "UPDATE reconciliations SET passes = 1"]),
    ("reconciliation_never_goes_back", [day(fence="2"), "UPDATE reconciliations SET fence = 1"]),
    ("reconciliations_append_only", "DELETE FROM reconciliations"),
    ("reconciliation_findings_pkey", [day(), finding(), "INSERT INTO reconciliation_findings (finding_id, reconciliation_id,"
                                      " kind, object, provider_ref, their_minor, evidence, state, note, pass, found_at,"
                                      " changed_at) OVERRIDING SYSTEM VALUE SELECT finding_id, reconciliation_id, kind, object,"
                                      " 'pi_2', 1, evidence, state, note, pass, found_at, changed_at"
                                      " FROM reconciliation_findings"]),
    ("finding_once", [day(), finding(), finding()]),
    ("reconciliation_findings_reconciliation_id_fkey", finding()),
    ("reconciliation_findings_payment_id_fkey", [day(), finding(payment_id=NO_ONE)]),
    ("reconciliation_findings_order_id_fkey", [day(), finding(order_id="'o9'")]),
    ("finding_kind_is_known", [day(), finding(kind="'odd'")]),
    ("finding_object_is_known", [day(), finding(object="'payout'")]),
    ("finding_state_is_known", [day(), finding(state="'lost'")]),
    ("finding_says_what", [day(), finding(provider_ref="''")]),
    ("finding_says_what", [day(), finding(note="''")]),
    ("finding_has_their_side", [day(), finding(their_minor="NULL")]),
    ("finding_has_our_side", [day(), finding(kind="'missing_there'")]),
    ("finding_is_immutable", [day(), finding(), "UPDATE reconciliation_findings SET object = 'refund'"]),
    ("finding_never_goes_back", [day(), finding(), "UPDATE reconciliation_findings SET pass = 0"]),
    ("reconciliation_findings_append_only", "DELETE FROM reconciliation_findings"),
    ("ledger_confirmations_pkey", [day(), movement(), confirmation(), confirmation()]),
    ("ledger_confirmations_transaction_id_fkey", [day(), confirmation()]),
    ("ledger_confirmations_reconciliation_id_fkey", [movement(), confirmation()]),
    ("fees_have_a_currency", [day(), movement(), confirmation(fee_minor="1")]),
    ("fees_have_a_currency", [day(), movement(), confirmation(settled_currency="'USD'")]),
    ("fees_are_written_once", [day(), movement(), confirmation(fee_minor="1", settled_currency="'USD'"),
                               "UPDATE ledger_confirmations SET fee_minor = 2"]),
    ("fees_are_written_once", [day(), movement(), confirmation(net_minor="1", settled_currency="'USD'"),
                               "UPDATE ledger_confirmations SET net_minor = 2"]),
    ("confirmation_is_immutable", [day(), movement(), confirmation(), "UPDATE ledger_confirmations SET told_ref = 'x'"]),
    ("ledger_confirmations_append_only", "DELETE FROM ledger_confirmations"),
    ("orders_append_only", "DELETE FROM orders"),
    ("payments_append_only", "DELETE FROM payments"),
    ("provider_calls_append_only", "DELETE FROM provider_calls"),
    ("audit_log_append_only", "DELETE FROM audit_log"),
    # audit_checkpoints
    ("audit_checkpoints_pkey", [checkpoint(), checkpoint()]),
    ("checkpoint_no_is_positive", checkpoint(checkpoint_no="0")),
    ("checkpoint_covers_rows", checkpoint(row_count="0")),
    ("checkpoint_range_goes_on", checkpoint(to_xid="5")),
    ("checkpoint_note_is_short", checkpoint(note="repeat('x', 201)")),
    ("checkpoint_note_is_short", checkpoint(note="E'a\\nb'")),
    ("checkpoint_hashes_are_sha256", checkpoint(root="''")),
    ("checkpoint_hashes_are_sha256", checkpoint(prev="''")),
    ("checkpoint_hashes_are_sha256", checkpoint(hash="''")),
    ("checkpoint_signature_is_ed25519", checkpoint(signature=DIGEST)),
    ("audit_checkpoints_append_only", "DELETE FROM audit_checkpoints"),
    # api_keys
    ("api_keys_pkey", [api_key(), api_key(key_hash="sha256('x')")]),
    ("api_key_once", [api_key(), api_key(key_id=f"'{other('key', 3)}'")]),
    ("api_key_id_has_form", api_key(key_id="'key_1'")),
    ("api_key_hash_is_sha256", api_key(key_hash="'x'")),
    ("api_key_shown_has_form", api_key(shown="'0123456'")),
    ("api_key_shown_has_form", api_key(shown="'0123456_'")),
    ("api_key_has_a_name", api_key(name="''")),
    ("api_key_has_a_name", api_key(name="repeat('é', 33)")),
    ("api_key_has_scopes", api_key(scopes="'{}'")),
    ("api_key_has_scopes", api_key(scopes="'{NULL}'")),
    ("api_key_has_scopes", api_key(scopes="'{Admin}'")),
    ("api_key_networks_are_few", api_key(networks="array_fill('10.0.0.0/8'::cidr, ARRAY[17])")),
    ("api_key_expires_later", api_key(expires_at="now()")),
    ("revoked_has_a_name", api_key(revoked_at="now()")),
    ("revoked_has_a_name", api_key(revoked_by="'a'")),
    *[("api_key_is_immutable", [api_key(), f"UPDATE api_keys SET {change}"]) for change in (
        f"key_id = '{other('key', 3)}'", "key_hash = sha256('x')", "live = true", "shown = '12345678'", "name = 'n'",
        "scopes = '{admin}'", "networks = '{10.0.0.0/8}'", "created_at = created_at - interval '1 s'",
        "created_by = 'b'", "expires_at = created_at + interval '1 s'")],
    *[("revoked_stays_revoked", [api_key(revoked_at="now()", revoked_by="'a'"), f"UPDATE api_keys SET {change}"])
      for change in ("revoked_at = NULL, revoked_by = NULL", "revoked_by = 'b'", "revoked_at = now() + interval '1 s'")],
    *[("last_use_never_goes_back", [api_key(last_used_at="now()"), f"UPDATE api_keys SET {change}"])
      for change in ("last_used_at = NULL", "last_used_at = last_used_at - interval '1 s'")],
    ("api_keys_append_only", "DELETE FROM api_keys"),
    # webhook_endpoints
    ("webhook_endpoints_pkey", [endpoint(), endpoint(url="'https://other.example/'")]),
    ("webhook_endpoint_url_once", [endpoint(), endpoint(endpoint_id=f"'{other('wep', 2)}'")]),
    ("endpoint_id_has_form", endpoint(endpoint_id="'wep_1'")),
    ("endpoint_url_has_form", endpoint(url="'ftp://shop.example/'")),
    ("endpoint_url_has_form", endpoint(url="'https://shop.example/a b'")),
    ("endpoint_url_has_form", endpoint(url="'https://' || repeat('a', 2041)")),
    ("endpoint_has_events", endpoint(events="'{}'")),
    ("endpoint_has_events", endpoint(events="'{NULL}'")),
    ("endpoint_has_events", endpoint(events="'{*,order.created}'")),
    ("endpoint_has_events", endpoint(events="'{Order}'")),
    ("endpoint_description_is_short", endpoint(description="repeat('é', 129)")),
    ("endpoint_description_is_short", endpoint(description="E'a\nb'")),
    ("endpoint_status_is_known", endpoint(status="'paused'")),
    ("disabled_has_a_reason", endpoint(status="'disabled'")),
    ("disabled_has_a_reason", endpoint(disabled_reason="'gone'")),
    ("disabled_has_a_reason", endpoint(status="'disabled'", disabled_reason="'x'")),
    ("generations_are_ordered", endpoint(signs_from="2")),
    ("generations_are_ordered", endpoint(signs_from="0")),
    ("failures_have_a_beginning", endpoint(failures="1")),
    ("failures_have_a_beginning", endpoint(failing_since="now()")),
    ("in_flight_max_is_known", endpoint(in_flight_max="3")),
    *[("endpoint_origin_is_immutable", [endpoint(), f"UPDATE webhook_endpoints SET {change}"]) for change in (
        f"endpoint_id = '{other('wep', 2)}'", "created_at = now() - interval '1 s'", "created_by = 'b'")],
    *[("generations_go_one_by_one", [endpoint(generation="3"), f"UPDATE webhook_endpoints SET generation = {to}"])
      for to in (2, 5)],
    ("deleted_stays_deleted", [endpoint(status="'deleted'"), "UPDATE webhook_endpoints SET status = 'enabled'"]),
    ("webhook_endpoints_append_only", "DELETE FROM webhook_endpoints"),
    # webhook_deliveries
    ("webhook_deliveries_pkey", [endpoint(), delivery(), delivery()]),
    ("webhook_deliveries_endpoint_id_fkey", delivery()),
    ("delivery_id_has_form", [endpoint(), delivery(delivery_id="'del_1'")]),
    ("delivery_status_is_known", [endpoint(), delivery(status="'sent'")]),
    ("delivery_attempts_are_counted", [endpoint(), delivery(tries_before="1")]),
    ("delivery_waits_for_an_earlier_one", [endpoint(), delivery(status="'waiting'", released="true")]),
    ("finished_holds_nobody_up", [endpoint(), delivery(status="'delivered'")]),
    ("finished_holds_nobody_up", [endpoint(), delivery(status="'failed'")]),
    # webhook_delivery_attempts
    ("webhook_delivery_attempts_pkey", [endpoint(), delivery(), delivery_attempt(), delivery_attempt()]),
    ("webhook_delivery_attempts_delivery_id_fkey", delivery_attempt()),
    ("delivery_answer_is_short", [endpoint(), delivery(), delivery_attempt(answer="repeat('a', 16385)")]),
    ("delivery_attempt_has_an_outcome", [endpoint(), delivery(), delivery_attempt(http_status="NULL")]),
    # webhook_planning
    ("webhook_planning_pkey", "INSERT INTO webhook_planning SELECT * FROM webhook_planning"),
    ("webhook_planning_only_row_check", "UPDATE webhook_planning SET only_row = false"),
    ("webhook_planning_append_only", "DELETE FROM webhook_planning"),
    # audit_log
    ("event_id_has_form", audit(event_id="'1'", event_type="'x'", event_payload="'{}'")),
    ("event_is_whole", audit(event_id=f"'{other('evt', 2)}'", event_type="'x'")),
    ("event_is_whole", audit(event_id=f"'{other('evt', 2)}'", event_payload="'{}'")),
    ("event_is_whole", audit(event_type="'x'", event_payload="'{}'")),
    ("event_is_whole", audit(event_payload="'{}'")),
    ("audit_log_pkey", "INSERT INTO audit_log (audit_id, actor, action, body, trace_id)"
                       " OVERRIDING SYSTEM VALUE SELECT audit_id, 'a', 'b', '{}', 't' FROM audit_log"),
    ("number_given_once", ["ALTER TABLE audit_log DISABLE TRIGGER audit_number",
                           audit(payment_id=f"'{PAYMENT}'", seq="1")]),
]


@pytest.mark.parametrize("constraint, statements", WRONG,
                         ids=[f"{number}-{name}" for number, (name, _) in enumerate(WRONG)])
def test_a_wrong_state_is_refused_by_name(shop, constraint, statements):
    *before, wrong = [statements] if isinstance(statements, str) else statements
    for statement in before:
        shop.run(statement)
    refusal = shop.refusal(wrong)
    assert refusal is not None, f"accepted: {wrong}"
    assert refusal.diag.constraint_name == constraint


@pytest.mark.parametrize("right", [
    order(), payment(), call(), webhook(), key(), movement(), audit(), checkpoint(), api_key(), facts(PAID), endpoint(),
    "; ".join([endpoint(), delivery(), delivery_attempt()]),
    day(), day(state="'done'", finished_at="now()"),
    dispute(), dispute(status="'closed'"), dispute(contradictory="true"), WON,
    webhook(status="'processed'", payment_id=f"'{PAYMENT}'"),
    key(state="'done'", answer_status="201", answer_body="'{}'"),
    facts("mismatch = true, review_reason = 'x'"),
    facts("captured_minor = 9998, status = 'processing', completed_at = now()"),
    facts("captured_minor = 9998, status = 'completed', completed_at = now(), accepted = true"),
    facts("captured_minor = 20000, status = 'completed', completed_at = now(), mismatch = true, review_reason = 'x'"),
    movement(kind="'charge'", provider_ref="'pi_1:10000'"),
    movement(kind="'reassignment'"), movement(kind="'reassignment'", amount_minor="-1"),
    "; ".join([*REFUSED, "UPDATE refunds SET status = 'succeeded', provider_ref = 're_1'"]),
    "; ".join([ANOTHER_ORDER, facts(PAID + ", surplus = true, accepted = true"), ATTACHED]),
    "; ".join([ANOTHER_ORDER, facts("captured_minor = 9998, status = 'processing', completed_at = now()"), ATTACHED]),
    facts(PAID + ", refund_held_minor = 9999, refunded_minor = 9999").replace("'completed'", "'refunded'"),
])
def test_the_rows_that_wrong_ones_are_made_of_are_right(shop, right):
    refusal = shop.refusal(right)
    assert refusal is None, refusal


@pytest.mark.parametrize("change", [
    "told_at_ms = 6, status = 'open'",                           # an appeal
    "told_at_ms = 6, status = 'lost'",                           # after the provider was asked
    "status = 'open', contradictory = true",                    # won and lost in the same second
    "told_at_ms = 9", "withdrawn_minor = 200", "amount_minor = 101",
])
def test_facts_of_a_dispute_grow(shop, change):
    shop.run(WON)
    assert shop.refusal(f"UPDATE disputes SET {change}", role="payapi_app") is None


def test_every_constraint_has_its_row(db):
    declared = {name for (name,) in db.run("""
        SELECT conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
         WHERE n.nspname = 'payapi' AND contype IN ('c', 'u', 'p', 'f', 'x')
        UNION SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'payapi' AND i.indisunique""")}
    # This one exists only as a target of foreign keys: order_id alone is unique already.
    declared.discard("order_amount_key")
    assert declared - {name for name, _ in WRONG} == set()


def test_every_rule_of_a_guard_has_its_row(db):
    """A rule is a name in a guard's CASE (WHEN ... THEN 'rule'), or one that the guard raises itself."""
    rules = {rule for (source,) in db.run(
        "SELECT prosrc FROM pg_proc WHERE pronamespace = 'payapi'::regnamespace AND proname LIKE '%_guard'")
        for rule in re.findall(r"(?:THEN|CONSTRAINT =) '([a-z0-9_]+)'", source)}
    assert len(rules) > 40
    assert rules - {name for name, _ in WRONG} == set()


def test_every_trigger_has_its_row(db):
    raised = {f"{table}_append_only" for (table,) in db.run(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid"
        " WHERE NOT tgisinternal AND p.proname = 'refuse_change'")}
    assert raised - {name for name, _ in WRONG} == set()


def test_one_more_row_is_all_that_the_schema_needs_for_another_provider(shop):
    tiny = [payment(provider="'tiny'"), "INSERT INTO provider_cursors (provider, pulled_to_s) VALUES ('tiny', 0)"]
    assert shop.refusal(tiny[0]).diag.constraint_name == "payment_provider_is_known"
    shop.run("INSERT INTO providers (provider) VALUES ('tiny')", role="payapi_owner")
    for statement in tiny:
        assert shop.refusal(statement, role="payapi_app") is None
