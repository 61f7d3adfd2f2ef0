/*
 * webhook_endpoint.h - where the shop is told of domain events (docs/contract.md section 8).
 * Plain values; nothing to free.
 */
#ifndef PAYAPI_DOMAIN_WEBHOOK_ENDPOINT_H
#define PAYAPI_DOMAIN_WEBHOOK_ENDPOINT_H

#include "domain/domain_event.h"
#include "domain/ids.h"

#define WEBHOOK_URL_MAX          2049   /* with NUL */
#define WEBHOOK_DESCRIPTION_MAX   257   /* with NUL */

struct webhook_endpoint_id { char text[ID_TEXT_MAX]; };         /* wep_... */

enum webhook_endpoint_status { ENDPOINT_ENABLED, ENDPOINT_DISABLED, ENDPOINT_DELETED };

/* Why it is disabled. */
enum webhook_disabled_reason {
    ENDPOINT_NOT_DISABLED,
    ENDPOINT_ASKED,                     /* the shop did it */
    ENDPOINT_GONE,                      /* it answered 410 */
    ENDPOINT_FAILING                    /* for days: delivery.h */
};

/* Which events it is told of. */
struct webhook_events {
    bool     all;                       /* "*": those of later versions too */
    uint64_t set;                       /* a bit for each enum domain_event; 0 when all */
};

struct webhook_endpoint {
    struct webhook_endpoint_id   id;
    char                         url[WEBHOOK_URL_MAX];
    struct webhook_events        events;
    char                         description[WEBHOOK_DESCRIPTION_MAX];      /* "": none */
    enum webhook_endpoint_status status;
    enum webhook_disabled_reason disabled_reason;
    int                          generation;    /* of its secret: 1, 2, 3 ... */
    int                          signs_from;  /* the oldest that signs too until former_until_ms */
    int64_t                      former_until_ms;       /* 0: never rotated */
    int                          failures;      /* attempts that failed since the last success */
    int64_t                      failing_since_ms;      /* 0: the last attempt succeeded */
    int64_t                      created_at_ms;
    int64_t                      updated_at_ms;
};

MUST_CHECK bool webhook_endpoint_id_parse(const char *text, struct webhook_endpoint_id *id_out);

const char *webhook_endpoint_status_name(enum webhook_endpoint_status status);  /* "enabled" */
const char *webhook_disabled_reason_name(enum webhook_disabled_reason reason);  /* "gone"; "" */

/* By the names as they are stored and shown. False: there is none such. */
MUST_CHECK bool webhook_endpoint_status_parse(const char *name,
                                              enum webhook_endpoint_status *status_out);
MUST_CHECK bool webhook_disabled_reason_parse(const char *name,
                                              enum webhook_disabled_reason *reason_out);

/* Can an endpoint ask for events of this name? "webhook_endpoint.test" is sent on request only. */
MUST_CHECK bool webhook_events_add(struct webhook_events *events, const char *name);
bool webhook_events_hold(struct webhook_events events, enum domain_event event);

#endif
