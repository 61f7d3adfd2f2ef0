# The sqitch project, installed for payapi-admin migrate, and the invariants it checks.
SQL_PROJECT = %D%/sqitch.conf %D%/sqitch.plan \
    %D%/deploy/roles.sql %D%/revert/roles.sql %D%/verify/roles.sql \
    %D%/deploy/types_and_functions.sql %D%/revert/types_and_functions.sql %D%/verify/types_and_functions.sql \
    %D%/deploy/providers.sql %D%/revert/providers.sql %D%/verify/providers.sql \
    %D%/deploy/orders.sql %D%/revert/orders.sql %D%/verify/orders.sql \
    %D%/deploy/payments.sql %D%/revert/payments.sql %D%/verify/payments.sql \
    %D%/deploy/idempotency_keys.sql %D%/revert/idempotency_keys.sql %D%/verify/idempotency_keys.sql \
    %D%/deploy/refunds.sql %D%/revert/refunds.sql %D%/verify/refunds.sql \
    %D%/deploy/provider_calls.sql %D%/revert/provider_calls.sql %D%/verify/provider_calls.sql \
    %D%/deploy/webhook_events.sql %D%/revert/webhook_events.sql %D%/verify/webhook_events.sql \
    %D%/deploy/webhook_attempts.sql %D%/revert/webhook_attempts.sql %D%/verify/webhook_attempts.sql \
    %D%/deploy/transactions.sql %D%/revert/transactions.sql %D%/verify/transactions.sql \
    %D%/deploy/audit_log.sql %D%/revert/audit_log.sql %D%/verify/audit_log.sql \
    %D%/deploy/audit_checkpoints.sql %D%/revert/audit_checkpoints.sql %D%/verify/audit_checkpoints.sql \
    %D%/deploy/disputes.sql %D%/revert/disputes.sql %D%/verify/disputes.sql \
    %D%/deploy/provider_cursors.sql %D%/revert/provider_cursors.sql %D%/verify/provider_cursors.sql \
    %D%/deploy/reconciliations.sql %D%/revert/reconciliations.sql %D%/verify/reconciliations.sql \
    %D%/deploy/reconciliation_findings.sql %D%/revert/reconciliation_findings.sql %D%/verify/reconciliation_findings.sql \
    %D%/deploy/ledger_confirmations.sql %D%/revert/ledger_confirmations.sql %D%/verify/ledger_confirmations.sql \
    %D%/deploy/job_rounds.sql %D%/revert/job_rounds.sql %D%/verify/job_rounds.sql \
    %D%/deploy/api_keys.sql %D%/revert/api_keys.sql %D%/verify/api_keys.sql \
    %D%/deploy/webhook_endpoints.sql %D%/revert/webhook_endpoints.sql %D%/verify/webhook_endpoints.sql \
    %D%/deploy/webhook_deliveries.sql %D%/revert/webhook_deliveries.sql %D%/verify/webhook_deliveries.sql \
    %D%/deploy/erasure.sql %D%/revert/erasure.sql %D%/verify/erasure.sql \
    %D%/deploy/schema_version.sql %D%/revert/schema_version.sql %D%/verify/schema_version.sql \
    %D%/deploy/live_role.sql %D%/revert/live_role.sql %D%/verify/live_role.sql \
    %D%/deploy/deliver_role.sql %D%/revert/deliver_role.sql %D%/verify/deliver_role.sql
# Each is one query; every row it returns is a violation.
SQL_INVARIANTS = \
    %D%/invariants/i01_one_live_payment_per_order.sql \
    %D%/invariants/i02_captured_within_order_amount.sql \
    %D%/invariants/i03_refund_counters_fit_refunds.sql \
    %D%/invariants/i04_ledger_equals_payments.sql \
    %D%/invariants/i04_ledger_is_with_the_payments_order.sql \
    %D%/invariants/i05_provider_object_on_one_payment.sql \
    %D%/invariants/i06_currency_never_drifts.sql \
    %D%/invariants/i07_history_has_no_gaps.sql \
    %D%/invariants/i07_history_is_of_its_payment.sql \
    %D%/invariants/i08_accepted_webhooks_are_finished_or_due.sql \
    %D%/invariants/i08_processed_webhooks_have_a_payment.sql \
    %D%/invariants/i09_calls_have_an_outcome.sql \
    %D%/invariants/i10_events_are_told_once.sql \
    %D%/invariants/i11_keys_are_not_stuck.sql \
    %D%/invariants/i11_keys_name_a_payment.sql \
    %D%/invariants/i12_status_is_the_last_audited.sql \
    %D%/invariants/i13_paid_orders_have_their_money.sql \
    %D%/invariants/i14_dispute_overlay_equals_disputes.sql \
    %D%/invariants/i15_ledger_equals_disputes.sql \
    %D%/invariants/i16_reconciliations_go_on.sql \
    %D%/invariants/i17_open_findings_are_current.sql \
    %D%/invariants/i18_events_have_their_deliveries.sql \
    %D%/invariants/i19_waiting_deliveries_wait_for_one.sql \
    %D%/invariants/i20_delivered_events_were_accepted.sql
nobase_dist_pkgdata_DATA += $(SQL_PROJECT) $(SQL_INVARIANTS)
# payapi-admin checks every invariant in that folder: those of an earlier version go.
forget-old-invariants:
	$(AM_V_at)for file in "$(DESTDIR)$(pkgdatadir)"/sql/invariants/*.sql; do \
	    case " $(notdir $(SQL_INVARIANTS)) " in \
	    *" $${file##*/} "*) ;; \
	    *) rm -f "$$file" || exit 1 ;; \
	    esac; \
	done
.PHONY: forget-old-invariants
# The schema in force, for readers: the result of all changes above.
EXTRA_DIST += %D%/print_schema.sql %D%/schema.sql %D%/released %D%/mark-released
.PHONY: schema released
schema:
	$(AM_V_GEN)$(SHELL) $(top_srcdir)/tests/support/pg_cluster.sh schema $(top_srcdir)/%D%/schema.sql

# Run when a release is made; its changes are never edited afterwards.
released:
	$(AM_V_GEN)$(SHELL) $(top_srcdir)/%D%/mark-released $(PACKAGE_VERSION)
