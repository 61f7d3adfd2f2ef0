/*
 * stripe_sessions.h - the operations on checkout sessions.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_SESSIONS_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_SESSIONS_H

#include "stripe_call.h"

void stripe_sessions_create(struct stripe_call *call);
void stripe_sessions_list(struct stripe_call *call);
void stripe_sessions_retrieve(struct stripe_call *call);
void stripe_sessions_expire(struct stripe_call *call);

/* {"key":"value"} from the fields below name, such as metadata[key]=value. A new reference. */
json_t *stripe_read_metadata(const struct url_form *form, const char *name);

/* A new open session with the order, amount and addresses of that one. */
struct stripe_session *stripe_session_copy(struct stripe *stripe,
                                           const struct stripe_session *like);

#endif
