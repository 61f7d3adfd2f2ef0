/*
 * The routes of payapi. A row names the method, the path, who may call, the pool and the style of
 * answers; then the endpoint, the allowed query parameters, and where a resource made by a 201 is
 * found.
 */
#include "endpoints.h"
#include "infrastructure/api/http/router.h"

static const struct route routes[] = {
    { "POST", "/api/v1/orders",                    AUTH_USER,      POOL_FAST,     STYLE_API,
      post_order,               "",                  "/api/v1/orders/" },
    { "GET",  "/api/v1/orders",                    AUTH_USER,      POOL_FAST,     STYLE_API,
      get_orders,               "limit page cursor", NULL },
    { "GET",  "/api/v1/orders/:id",                AUTH_USER,      POOL_FAST,     STYLE_API,
      get_order_by_id,          "",                  NULL },
    { "POST", "/api/v1/orders/:id/checkout",       AUTH_USER,      POOL_PROVIDER, STYLE_API,
      post_order_checkout,      "",                  "/api/v1/payments/" },
    { "GET",  "/api/v1/orders/:id/payment-status", AUTH_USER,      POOL_FAST,     STYLE_API,
      get_order_payment_status, "",                  NULL },
    { "GET",  "/api/v1/payments/:id",              AUTH_USER,      POOL_FAST,     STYLE_API,
      get_payment_by_id,        "",                  NULL },
    { "GET",  "/api/v1/payments",                  AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_payments,             "limit cursor needsReview status provider", NULL },
    { "GET",  "/api/v1/payments/:id/timeline",     AUTH_USER,      POOL_FAST,     STYLE_API,
      get_payment_timeline,     "",                  NULL },
    { "GET",  "/api/v1/payments/:id/events",       AUTH_TICKET,    POOL_FAST,     STYLE_API,
      get_payment_events,       "ticket",            NULL },
    { "POST", "/api/v1/payments/:id/stream-ticket", AUTH_USER,     POOL_FAST,     STYLE_API,
      post_stream_ticket,       "",                  NULL },
    { "POST", "/api/v1/payments/:id/review",       AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      post_payment_review,      "",                  NULL },
    { "GET",  "/api/v1/transactions",              AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_transactions,
      "limit page cursor paymentId orderId type status provider currency from to recordedFrom"
      " recordedTo", NULL },
    { "GET",  "/api/v1/audit",                     AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_audit,                "limit cursor orderId paymentId action actor from to", NULL },
    { "GET",  "/api/v1/audit/verify",              AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_audit_verify,         "cursor",            NULL },
    { "POST", "/api/v1/payments/:id/sync",         AUTH_USER,      POOL_PROVIDER, STYLE_API,
      post_payment_sync,        "",                  NULL },
    { "POST", "/api/v1/payments/:id/cancel",       AUTH_USER,      POOL_PROVIDER, STYLE_API,
      post_payment_cancel,      "",                  NULL },
    { "GET",  "/api/v1/payments/:id/refunds",      AUTH_USER,      POOL_FAST,     STYLE_API,
      get_payment_refunds,      "",                  NULL },
    { "GET",  "/api/v1/payments/:id/disputes",     AUTH_USER,      POOL_FAST,     STYLE_API,
      get_payment_disputes,     "",                  NULL },
    { "POST", "/api/v1/payments/:id/refund",       AUTH_ADMIN,     POOL_PROVIDER, STYLE_API,
      post_payment_refund,      "",                  NULL },
#define PROVIDER(id, name, ...) \
    { "POST", "/api/v1/webhooks/" #name,           AUTH_SIGNATURE, POOL_FAST,     STYLE_WEBHOOK, \
      post_webhook,             NULL,                NULL },
#include "application/providers.def"
    { "GET",  "/api/v1/webhook-events",            AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_webhook_events,
      "limit cursor provider type status paymentId from to", NULL },
    { "GET",  "/api/v1/webhook-events/:id",        AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_webhook_event_by_id,  "",                  NULL },
    { "POST", "/api/v1/webhook-events/:id/replay", AUTH_ADMIN,     POOL_PROVIDER, STYLE_API,
      post_webhook_event_replay, "dryRun",           NULL },
    { "GET",  "/api/v1/reconciliations",           AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_reconciliations,      "limit cursor provider", NULL },
    { "GET",  "/api/v1/reconciliations/:id",       AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_reconciliation_by_id, "",                  NULL },
    { "POST", "/api/v1/reconciliations/:id/explain", AUTH_ADMIN,   POOL_FAST,     STYLE_API,
      post_finding_explain,     "",                  NULL },
    { "GET",  "/checkout/outcome",                 AUTH_NONE,      POOL_FAST,     STYLE_API,
      get_checkout_outcome,     "payment",           NULL },
    { "GET",  "/health",                           AUTH_NONE,      POOL_FAST,     STYLE_HEALTH,
      get_health,               NULL,                NULL },
    { "GET",  "/health/live",                      AUTH_NONE,      POOL_FAST,     STYLE_LIVENESS,
      get_health_live,          NULL,                NULL },
    { "GET",  "/health/ready",                     AUTH_NONE,      POOL_FAST,     STYLE_HEALTH,
      get_health_ready,         NULL,                NULL },
};

const struct route *router_table(size_t *count_out)
{
    *count_out = sizeof(routes) / sizeof(routes[0]);
    return routes;
}
