# The sqitch project, installed for payapi-admin migrate, and the invariants it checks.
SQL_PROJECT = %D%/sqitch.conf %D%/sqitch.plan \
    %D%/deploy/schema_and_roles.sql %D%/deploy/orders.sql %D%/deploy/payments.sql \
    %D%/deploy/idempotency_keys.sql %D%/deploy/provider_calls.sql %D%/deploy/webhook_events.sql \
    %D%/deploy/transactions.sql %D%/deploy/audit_log.sql %D%/deploy/outbox.sql \
    %D%/deploy/refunds.sql %D%/deploy/schema_version.sql %D%/deploy/due_work.sql %D%/deploy/provider_health.sql %D%/deploy/webhook_attempts.sql \
    %D%/revert/schema_and_roles.sql %D%/revert/orders.sql %D%/revert/payments.sql \
    %D%/revert/idempotency_keys.sql %D%/revert/provider_calls.sql %D%/revert/webhook_events.sql \
    %D%/revert/transactions.sql %D%/revert/audit_log.sql %D%/revert/outbox.sql \
    %D%/revert/refunds.sql %D%/revert/schema_version.sql %D%/revert/due_work.sql %D%/revert/provider_health.sql %D%/revert/webhook_attempts.sql \
    %D%/verify/schema_and_roles.sql %D%/verify/orders.sql %D%/verify/payments.sql \
    %D%/verify/idempotency_keys.sql %D%/verify/provider_calls.sql %D%/verify/webhook_events.sql \
    %D%/verify/transactions.sql %D%/verify/audit_log.sql %D%/verify/outbox.sql \
    %D%/verify/schema_version.sql \
    %D%/verify/refunds.sql \
    %D%/deploy/list_indexes.sql %D%/revert/list_indexes.sql %D%/verify/list_indexes.sql \
    %D%/deploy/audit_checkpoints.sql %D%/revert/audit_checkpoints.sql \
    %D%/verify/audit_checkpoints.sql %D%/verify/due_work.sql %D%/verify/provider_health.sql %D%/verify/webhook_attempts.sql \
    %D%/deploy/disputes.sql %D%/revert/disputes.sql %D%/verify/disputes.sql \
    %D%/deploy/provider_cursors.sql %D%/revert/provider_cursors.sql %D%/verify/provider_cursors.sql \
    %D%/deploy/adoption.sql %D%/revert/adoption.sql %D%/verify/adoption.sql \
    %D%/deploy/webhook_retention.sql %D%/revert/webhook_retention.sql %D%/verify/webhook_retention.sql \
    %D%/deploy/schema_version_2.sql %D%/revert/schema_version_2.sql %D%/verify/schema_version_2.sql \
    %D%/deploy/row_guards.sql %D%/revert/row_guards.sql %D%/verify/row_guards.sql \
    %D%/deploy/audit_heads.sql %D%/revert/audit_heads.sql %D%/verify/audit_heads.sql \
    %D%/deploy/audit_chain_names.sql %D%/revert/audit_chain_names.sql %D%/verify/audit_chain_names.sql \
    %D%/deploy/authorship.sql %D%/revert/authorship.sql %D%/verify/authorship.sql \
    %D%/deploy/call_attempts.sql %D%/revert/call_attempts.sql %D%/verify/call_attempts.sql \
    %D%/deploy/money_as_it_came.sql %D%/revert/money_as_it_came.sql %D%/verify/money_as_it_came.sql \
    %D%/deploy/review_verdicts.sql %D%/revert/review_verdicts.sql %D%/verify/review_verdicts.sql \
    %D%/deploy/dispute_inquiries.sql %D%/revert/dispute_inquiries.sql %D%/verify/dispute_inquiries.sql \
    %D%/deploy/deep_pulls.sql %D%/revert/deep_pulls.sql %D%/verify/deep_pulls.sql \
    %D%/deploy/movement_times.sql %D%/revert/movement_times.sql %D%/verify/movement_times.sql \
    %D%/deploy/reconciliations.sql %D%/revert/reconciliations.sql %D%/verify/reconciliations.sql \
    %D%/deploy/schema_version_4.sql %D%/revert/schema_version_4.sql %D%/verify/schema_version_4.sql \
    %D%/deploy/stored_answers.sql %D%/revert/stored_answers.sql %D%/verify/stored_answers.sql \
    %D%/deploy/attachments.sql %D%/revert/attachments.sql %D%/verify/attachments.sql \
    %D%/deploy/not_begun.sql %D%/revert/not_begun.sql %D%/verify/not_begun.sql \
    %D%/deploy/assumed_amounts.sql %D%/revert/assumed_amounts.sql %D%/verify/assumed_amounts.sql \
    %D%/deploy/explained_findings.sql %D%/revert/explained_findings.sql %D%/verify/explained_findings.sql \
    %D%/deploy/refunds_after_all.sql %D%/revert/refunds_after_all.sql %D%/verify/refunds_after_all.sql \
    %D%/deploy/guard_types.sql %D%/revert/guard_types.sql %D%/verify/guard_types.sql \
    %D%/deploy/shop_role.sql %D%/revert/shop_role.sql %D%/verify/shop_role.sql \
    %D%/deploy/job_rounds.sql %D%/revert/job_rounds.sql %D%/verify/job_rounds.sql \
    %D%/deploy/erasure.sql %D%/revert/erasure.sql %D%/verify/erasure.sql \
    %D%/deploy/audit_proof.sql %D%/revert/audit_proof.sql %D%/verify/audit_proof.sql \
    %D%/deploy/schema_version_5.sql %D%/revert/schema_version_5.sql %D%/verify/schema_version_5.sql
# Each is one query, whose rows are violations.
SQL_INVARIANTS = \
    %D%/invariants/i01_one_live_payment_per_order.sql \
    %D%/invariants/i02_captured_within_order_amount.sql \
    %D%/invariants/i03_refund_counters_fit_refunds.sql \
    %D%/invariants/i04_ledger_equals_payments.sql \
    %D%/invariants/i04_ledger_is_with_the_payments_order.sql \
    %D%/invariants/i05_provider_object_on_one_payment.sql \
    %D%/invariants/i06_currency_never_drifts.sql \
    %D%/invariants/i07_audit_chain_is_whole.sql \
    %D%/invariants/i07_audit_head_is_the_last_link.sql \
    %D%/invariants/i08_accepted_webhooks_are_finished_or_due.sql \
    %D%/invariants/i08_processed_webhooks_have_a_payment.sql \
    %D%/invariants/i09_calls_have_an_outcome.sql \
    %D%/invariants/i10_outbox_has_no_gaps.sql \
    %D%/invariants/i11_keys_are_not_stuck.sql \
    %D%/invariants/i12_status_is_the_last_audited.sql \
    %D%/invariants/i13_paid_orders_have_their_money.sql \
    %D%/invariants/i14_dispute_overlay_equals_disputes.sql \
    %D%/invariants/i15_ledger_equals_disputes.sql \
    %D%/invariants/i16_reconciliations_go_on.sql \
    %D%/invariants/i17_open_findings_are_current.sql
nobase_dist_pkgdata_DATA += $(SQL_PROJECT) $(SQL_INVARIANTS)
