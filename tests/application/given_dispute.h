/* given_dispute.h - a paid order of alice's that her bank contests. */
#ifndef PAYAPI_TESTS_GIVEN_DISPUTE_H
#define PAYAPI_TESTS_GIVEN_DISPUTE_H

#include "given_refund.h"

/* Of the last payment, said at_s seconds after NOW_MS, of an amount of 2500 unless it is changed. */
struct provider_dispute a_dispute(const char *ref, int at_s, enum dispute_status status,
                                  int64_t withdrawn_minor, int64_t reinstated_minor);
struct provider_event   dispute_event(const char *event_id, struct provider_dispute dispute);
/* An event of its own each time, and expects that outcome. */
void given_the_dispute(struct provider_dispute dispute, enum webhook_outcome expected);
/* The job tries every due event once; true when there was one. */
bool given_the_job_ran(void);

struct dispute *last_dispute(void);

#endif
