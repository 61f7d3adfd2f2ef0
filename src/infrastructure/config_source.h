/*
 * config_source.h - where the text of a setting comes from: environment, file, or <NAME>_FILE.
 */
#ifndef PAYAPI_INFRASTRUCTURE_CONFIG_SOURCE_H
#define PAYAPI_INFRASTRUCTURE_CONFIG_SOURCE_H

#include "infrastructure/config.h"

#define CONFIG_LINES_MAX 256

struct config_line {
    const char *name;
    const char *value;
    int         number;                 /* of the line in the file, from 1 */
};

struct config_source {
    struct arena      *arena;
    const char        *path;            /* NULL: there is no file */
    bool               open_to_others;  /* the group may read: the programs', where root owns it */
    struct config_line lines[CONFIG_LINES_MAX];
    int                line_count;
};

/* Writes the error and returns false, so that a caller can return it. */
bool config_fail(struct config_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

MUST_CHECK bool config_source_open(struct arena *arena, const char *path,
                                   struct config_source *source_out, struct config_report *report);

/* The text of that setting; NULL when it is given nowhere, or empty. */
const char *config_source_find(const struct config_source *source, const char *name);
/* The same for a secret, which NAME_FILE may point to. */
MUST_CHECK bool config_source_find_secret(const struct config_source *source, const char *name,
                                          const char **value_out, struct config_report *report);

/* The text of the file at path, which is the value of the setting name. */
MUST_CHECK bool config_read_named_file(struct arena *arena, const char *name, const char *path,
                                       char **text_out, struct config_report *report);

#endif
