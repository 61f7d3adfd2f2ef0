/* recovery_terms.h - how long recovery waits, looks and asks, and what a run of it ends in. */
#ifndef PAYAPI_APPLICATION_RECOVERY_TERMS_H
#define PAYAPI_APPLICATION_RECOVERY_TERMS_H

/* So long after the intent a human is asked, whoever asked the provider how often; that goes on hourly. */
#define RECOVERY_PATIENCE_S     (24 * 3600)
/* That long after it was last sent a list without the object proves that there is none. */
#define RECOVERY_SETTLE_MS      60000
#define RECOVERY_FIND_PAGES_MAX 20
/* So long after the money came its refunds and disputes are listed, if it went back. */
#define RECOVERY_REVERSAL_MS    600000

enum recovery_result {
    RECOVERY_NOTHING_OPEN,              /* every call's outcome was known; the object was looked at */
    RECOVERY_SETTLED,
    RECOVERY_STILL_UNKNOWN,             /* asked, and no answer that tells; again later */
    RECOVERY_LOOKED,                    /* a refund's outcome stays unknown; all else was looked at */
    RECOVERY_BUSY                       /* somebody else asks right now */
};
/* For the log. */
const char *recovery_result_name(enum recovery_result result);

#endif
