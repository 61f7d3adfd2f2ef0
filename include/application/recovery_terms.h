/*
 * recovery_terms.h - how long recovery waits and asks, and how a run of it ends.
 */
#ifndef PAYAPI_APPLICATION_RECOVERY_TERMS_H
#define PAYAPI_APPLICATION_RECOVERY_TERMS_H

/* A human is asked this long after the intent; we go on asking the provider, hourly. */
#define RECOVERY_PATIENCE_S     (24 * 3600)
/* A list proves that an object does not exist only this long after the request was last sent. */
#define RECOVERY_SETTLE_MS      60000
#define RECOVERY_FIND_PAGES_MAX 20
/* A refund or dispute must explain money that went back within this time; else a human is asked. */
#define RECOVERY_REVERSAL_MS    600000

enum recovery_result {
    RECOVERY_NOTHING_OPEN,  /* every call's outcome was known; the object was looked at */
    RECOVERY_SETTLED,
    RECOVERY_STILL_UNKNOWN,             /* the answer does not say; asked again later */
    RECOVERY_LOOKED,  /* a refund's outcome stays unknown; all else was looked at */
    RECOVERY_BUSY                       /* somebody else asks right now */
};
/* For the log. */
const char *recovery_result_name(enum recovery_result result);

#endif
