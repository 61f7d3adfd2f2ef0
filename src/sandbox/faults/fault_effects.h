/*
 * fault_effects.h - what a planned fault does to an exchange.
 *
 * Provider-neutral: the played provider itself writes its error object (FAULT_STATUS) and a wrong
 * amount or currency.
 */
#ifndef PAYAPI_SANDBOX_FAULTS_FAULT_EFFECTS_H
#define PAYAPI_SANDBOX_FAULTS_FAULT_EFFECTS_H

#include "sandbox/http/http.h"

struct sandbox_clock;

/*
 * Sleeps the delay planned before the work. A request without work (refused, replayed) is answered
 * at once. Never call it with a lock held.
 */
void fault_delay_before(struct sandbox_clock *clock, struct exchange *exchange);

/* True when the request must not reach the provider at all; the exchange is answered then. */
bool fault_intercepts(struct exchange *exchange);

/* Sleeps the delay planned after the work, then spoils the answer as planned. */
void fault_spoil_answer(struct sandbox_clock *clock, struct exchange *exchange);

#endif
