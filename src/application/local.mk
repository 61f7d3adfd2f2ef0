# The use cases. They know interfaces (include/application) and no library.
noinst_LIBRARIES += libapplication.a
libapplication_a_SOURCES = \
    %D%/problem.c %D%/ctx.c %D%/provider.c \
    %D%/transaction.c %D%/idempotency.c %D%/history.c %D%/history.h %D%/settle_payment.c \
    %D%/give_up_calls.c %D%/give_up_calls.h %D%/attach_payment.c %D%/attach_payment.h \
    %D%/refund_identity.c %D%/refund_identity.h %D%/call_attempt.c %D%/call_attempt.h \
    %D%/recover_payment.c %D%/recovery.h %D%/recovery_questions.c %D%/recovery_refund.c \
    %D%/apply_event.c %D%/apply_event.h %D%/process_inbox.c \
    %D%/payment_news.c %D%/payment_news.h %D%/choose_provider.c %D%/choose_provider.h \
    %D%/watch_providers.c \
    %D%/webhook_status.c %D%/commands/replay_webhook.c \
    %D%/queries/list_webhook_events.c %D%/queries/get_webhook_event.c \
    %D%/commands/sync_payment.c %D%/commands/cancel_payment.c \
    %D%/review.c %D%/review.h %D%/occurrence.c %D%/occurrence.h %D%/history_refund.c %D%/history_refund.h \
    %D%/open_refund.c %D%/open_refund.h %D%/settle_refund.c %D%/relist_refunds.c \
    %D%/refund_listing.c %D%/refund_listing.h \
    %D%/commands/refund_payment.c %D%/queries/list_refunds.c \
    %D%/commands/create_order.c %D%/commands/checkout_order.c %D%/commands/receive_webhook.c \
    %D%/rejections.c %D%/commands/tell_rejections.c \
    %D%/queries/get_order.c %D%/queries/list_orders.c %D%/queries/get_payment.c \
    %D%/queries/get_payment_status.c %D%/queries/get_outcome.c %D%/queries/check_health.c \
    %D%/audit/digest.c %D%/audit/merkle.c %D%/audit/audit_checkpoint.c %D%/audit/audit_floor.c %D%/audit/masking.c %D%/audit/masking_json.c \
    %D%/commands/review_payment.c %D%/commands/checkpoint_audit.c %D%/commands/explain_finding.c \
    %D%/queries/list_transactions.c %D%/queries/list_audit.c %D%/queries/list_payments.c \
    %D%/queries/verify_audit.c %D%/queries/get_timeline.c \
    %D%/history_dispute.c %D%/history_dispute.h %D%/settle_dispute.c %D%/relist_disputes.c \
    %D%/queries/list_disputes.c \
    %D%/accept_event.c %D%/accept_event.h %D%/adopt_payment.c %D%/adopt_payment.h \
    %D%/history_adoption.c %D%/history_adoption.h %D%/pull_events.c \
    %D%/ownership.c %D%/ownership.h %D%/call_human.c %D%/call_human.h \
    %D%/queries/list_reconciliations.c %D%/queries/get_reconciliation.c %D%/queries/list_findings.c \
    %D%/reconcile/reconcile.c %D%/reconcile/reconcile_parts.h %D%/reconcile/reconcile_names.c %D%/reconcile/heal.c \
    %D%/reconcile/their_book.c %D%/reconcile/our_book.c %D%/reconcile/look_there.c
