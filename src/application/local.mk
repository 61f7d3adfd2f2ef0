# The use cases. They know interfaces (include/application) and no library.
noinst_LIBRARIES += libapplication.a
libapplication_a_SOURCES = \
    %D%/api_key_terms.c %D%/change_source.h %D%/choose_provider.c %D%/choose_provider.h %D%/ctx.c \
    %D%/idempotency.c %D%/problem.c %D%/provider.c %D%/stored_words.c %D%/transaction.c \
    %D%/transaction.h %D%/watch_providers.c \
    %D%/audit/audit_checkpoint.c %D%/audit/masking.c \
    %D%/audit/masking_json.c %D%/audit/merkle.c \
    %D%/commands/cancel_payment.c %D%/commands/checkout_order.c %D%/commands/checkpoint_audit.c \
    %D%/commands/create_api_key.c %D%/commands/revoke_api_key.c \
    %D%/commands/change_webhook_endpoint.c %D%/commands/create_webhook_endpoint.c \
    %D%/commands/send_webhooks.c \
    %D%/commands/create_order.c %D%/commands/explain_finding.c %D%/commands/receive_webhook.c \
    %D%/commands/refund_payment.c %D%/commands/replay_webhook.c %D%/commands/review_payment.c \
    %D%/commands/sync_payment.c %D%/commands/tell_rejections.c \
    %D%/inbox/accept_event.c %D%/inbox/accept_event.h %D%/inbox/adopt_payment.c \
    %D%/inbox/adopt_payment.h %D%/inbox/apply_event.c %D%/inbox/apply_event.h \
    %D%/inbox/ownership.c %D%/inbox/ownership.h %D%/inbox/process_inbox.c \
    %D%/inbox/pull_events.c %D%/inbox/rejections.c \
    %D%/queries/admin_queries.c %D%/queries/api_keys.c %D%/queries/check_health.c %D%/queries/list_transactions.c \
    %D%/queries/queries.c %D%/queries/verify_audit.c %D%/queries/webhook_endpoints.c \
    %D%/reconcile/heal.c %D%/reconcile/look_there.c %D%/reconcile/our_book.c \
    %D%/reconcile/reconcile.c %D%/reconcile/reconcile_parts.h \
    %D%/reconcile/their_book.c \
    %D%/recovery/call_attempt.c %D%/recovery/call_attempt.h %D%/recovery/recover_payment.c \
    %D%/recovery/recovery.h %D%/recovery/recovery_questions.c %D%/recovery/recovery_refund.c \
    %D%/recovery/refund_listing.h %D%/recovery/relist_disputes.c \
    %D%/recovery/relist_refunds.c \
    %D%/settling/attach_payment.c %D%/settling/attach_payment.h %D%/settling/call_human.c \
    %D%/settling/call_human.h \
    %D%/settling/give_up_calls.c %D%/settling/give_up_calls.h \
    %D%/settling/history_api_key.c %D%/settling/history_api_key.h \
    %D%/settling/history.c %D%/settling/history.h %D%/settling/history_adoption.c \
    %D%/settling/history_adoption.h %D%/settling/history_dispute.c \
    %D%/settling/history_dispute.h %D%/settling/history_refund.c %D%/settling/history_refund.h \
    %D%/settling/history_webhook_endpoint.c %D%/settling/history_webhook_endpoint.h \
    %D%/settling/open_refund.c \
    %D%/settling/open_refund.h %D%/settling/payment_counts.c %D%/settling/payment_counts.h \
    %D%/settling/payment_news.c %D%/settling/payment_news.h \
    %D%/settling/refund_identity.c %D%/settling/refund_identity.h %D%/settling/review.c \
    %D%/settling/review.h %D%/settling/settle_dispute.c %D%/settling/settle_dispute.h \
    %D%/settling/settle_payment.c %D%/settling/settle_payment.h \
    %D%/settling/settle_refund.c %D%/settling/settle_refund.h
