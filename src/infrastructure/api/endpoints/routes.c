/*
 * The routes of payapi. A row names the method, the path, who may call with a token, the pool and
 * the style of answers; then the scope that an API key needs, the endpoint, the allowed query
 * parameters, and where a resource made by a 201 is found.
 */
#include "endpoints.h"
#include "infrastructure/api/http/router.h"

static const struct route routes[] = {
    { "POST", "/api/v1/orders",                    AUTH_USER,      POOL_FAST,     STYLE_API,
      SCOPE_ORDERS_WRITE, post_order, "", "/api/v1/orders/" },
    { "GET",  "/api/v1/orders",                    AUTH_USER,      POOL_FAST,     STYLE_API,
      SCOPE_ORDERS_READ, get_orders, "limit page cursor", NULL },
    { "GET",  "/api/v1/orders/:id",                AUTH_USER,      POOL_FAST,     STYLE_API,
      SCOPE_ORDERS_READ, get_order_by_id, "", NULL },
    { "POST", "/api/v1/orders/:id/checkout",       AUTH_USER,      POOL_PROVIDER, STYLE_API,
      SCOPE_PAYMENTS_WRITE, post_order_checkout, "", "/api/v1/payments/" },
    { "GET",  "/api/v1/orders/:id/payment-status", AUTH_USER,      POOL_FAST,     STYLE_API,
      SCOPE_PAYMENTS_READ, get_order_payment_status, "", NULL },
    { "GET",  "/api/v1/payments/:id",              AUTH_USER,      POOL_FAST,     STYLE_API,
      SCOPE_PAYMENTS_READ, get_payment_by_id, "", NULL },
    { "GET",  "/api/v1/payments",                  AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_PAYMENTS_READ, get_payments, "limit cursor needsReview status provider", NULL },
    { "GET",  "/api/v1/payments/:id/timeline",     AUTH_USER,      POOL_FAST,     STYLE_API,
      SCOPE_AUDIT_READ, get_payment_timeline, "", NULL },
    { "GET",  "/api/v1/payments/:id/events",       AUTH_TICKET,    POOL_FAST,     STYLE_API,
      SCOPE_PAYMENTS_READ, get_payment_events, "ticket", NULL },
    { "POST", "/api/v1/payments/:id/stream-ticket", AUTH_USER,     POOL_FAST,     STYLE_API,
      SCOPE_PAYMENTS_READ, post_stream_ticket, "", NULL },
    { "POST", "/api/v1/payments/:id/review",       AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_ADMIN, post_payment_review, "", NULL },
    { "GET",  "/api/v1/transactions",              AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_TRANSACTIONS_READ, get_transactions,
      "limit page cursor paymentId orderId type status provider currency from to recordedFrom"
      " recordedTo", NULL },
    { "GET",  "/api/v1/audit",                     AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_AUDIT_READ, get_audit, "limit cursor orderId paymentId action actor from to", NULL },
    { "GET",  "/api/v1/audit/verify",              AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_AUDIT_READ, get_audit_verify, "cursor", NULL },
    { "POST", "/api/v1/payments/:id/sync",         AUTH_USER,      POOL_PROVIDER, STYLE_API,
      SCOPE_PAYMENTS_WRITE, post_payment_sync, "", NULL },
    { "POST", "/api/v1/payments/:id/cancel",       AUTH_USER,      POOL_PROVIDER, STYLE_API,
      SCOPE_PAYMENTS_WRITE, post_payment_cancel, "", NULL },
    { "GET",  "/api/v1/payments/:id/refunds",      AUTH_USER,      POOL_FAST,     STYLE_API,
      SCOPE_PAYMENTS_READ, get_payment_refunds, "", NULL },
    { "GET",  "/api/v1/payments/:id/disputes",     AUTH_USER,      POOL_FAST,     STYLE_API,
      SCOPE_PAYMENTS_READ, get_payment_disputes, "", NULL },
    { "POST", "/api/v1/payments/:id/refund",       AUTH_ADMIN,     POOL_PROVIDER, STYLE_API,
      SCOPE_REFUNDS_WRITE, post_payment_refund, "", NULL },
#define PROVIDER(id, name, ...) \
    { "POST", "/api/v1/webhooks/" #name,           AUTH_SIGNATURE, POOL_FAST,     STYLE_WEBHOOK, \
      SCOPE_NONE, post_webhook, NULL, NULL },
#include "application/providers.def"
    { "GET",  "/api/v1/webhook-events",            AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_ADMIN, get_webhook_events,
      "limit cursor provider type status paymentId from to", NULL },
    { "GET",  "/api/v1/webhook-events/:id",        AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_ADMIN, get_webhook_event_by_id, "", NULL },
    { "POST", "/api/v1/webhook-events/:id/replay", AUTH_ADMIN,     POOL_PROVIDER, STYLE_API,
      SCOPE_ADMIN, post_webhook_event_replay, "dryRun", NULL },
    { "GET",  "/api/v1/reconciliations",           AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_ADMIN, get_reconciliations, "limit cursor provider", NULL },
    { "GET",  "/api/v1/reconciliations/:id",       AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_ADMIN, get_reconciliation_by_id, "", NULL },
    { "POST", "/api/v1/reconciliations/:id/explain", AUTH_ADMIN,   POOL_FAST,     STYLE_API,
      SCOPE_ADMIN, post_finding_explain, "", NULL },
    { "POST", "/api/v1/api-keys",                  AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_KEYS_ADMIN, post_api_key, "", NULL },
    { "GET",  "/api/v1/api-keys",                  AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_KEYS_ADMIN, get_api_keys, "limit cursor", NULL },
    { "DELETE", "/api/v1/api-keys/:id",            AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      SCOPE_KEYS_ADMIN, delete_api_key, "", NULL },
    { "GET",  "/checkout/outcome",                 AUTH_NONE,      POOL_FAST,     STYLE_API,
      SCOPE_NONE, get_checkout_outcome, "payment", NULL },
    { "GET",  "/health",                           AUTH_NONE,      POOL_FAST,     STYLE_HEALTH,
      SCOPE_NONE, get_health, NULL, NULL },
    { "GET",  "/health/live",                      AUTH_NONE,      POOL_FAST,     STYLE_LIVENESS,
      SCOPE_NONE, get_health_live, NULL, NULL },
    { "GET",  "/health/ready",                     AUTH_NONE,      POOL_FAST,     STYLE_HEALTH,
      SCOPE_NONE, get_health_ready, NULL, NULL },
};

const struct route *router_table(size_t *count_out)
{
    *count_out = sizeof(routes) / sizeof(routes[0]);
    return routes;
}
