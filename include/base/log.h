/*
 * log.h - one JSON object per line on standard error.
 *
 * error: ours, a human must act. warn: theirs (bad signature, provider 5xx). info: something
 * happened to money. Never log a token, a secret, card data or a whole body. Writing never blocks:
 * a line that a full pipe or disk does not take is dropped as a whole and counted, and the next
 * line has the count.
 */
#ifndef PAYAPI_BASE_LOG_H
#define PAYAPI_BASE_LOG_H

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
    const char *name;
    const char *text;           /* NULL: the number counts */
    int64_t     number;
};

#define LOG_TEXT(name, value)   { (name), (value) != NULL ? (value) : "", 0 }
#define LOG_NUMBER(name, value) { (name), NULL, (value) }

/* Each line names the program ("worker", "admin"). Lines above level are not written. */
void log_open(const char *program, enum log_level level);
void log_write(enum log_level level, const char *event, const struct log_field *fields,
               int field_count);

/*
 * Holds back the lines logged from log_hold until log_tell, which writes them, or log_forget, which
 * drops them: for work that may still be rolled back. Lines that do not fit in the hold are written
 * at once.
 */
void log_hold(void);
void log_tell(void);
void log_forget(void);

/* log_event(LOG_LEVEL_INFO, "payment_completed", LOG_TEXT("payment_id", id), ...) */
#define log_event(level, event, ...) \
    log_write((level), (event), (const struct log_field[]) { __VA_ARGS__ }, \
              (int) (sizeof((const struct log_field[]) { __VA_ARGS__ }) / sizeof(struct log_field)))

#endif
