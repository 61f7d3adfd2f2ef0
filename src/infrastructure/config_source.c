#include "infrastructure/config_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Keeps the error to one line, whatever the settings contain. */
bool config_fail(struct config_report *report, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(report->error, sizeof(report->error), format, args);
    va_end(args);
    for (char *c = report->error; *c != '\0'; c++)
        if ((unsigned char) *c < ' ')
            *c = '?';
    return false;
}

/* --- Files --------------------------------------------------------------------------------- */

static bool read_all(int fd, char *buffer, size_t *size_out)
{
    size_t size = 0;

    while (size <= CONFIG_FILE_BYTES_MAX) {
        ssize_t count = read(fd, buffer + size, CONFIG_FILE_BYTES_MAX + 1 - size);

        if (count < 0 && errno != EINTR)
            return false;
        if (count == 0)
            break;
        size += count > 0 ? (size_t) count : 0;
    }
    *size_out = size;
    return true;
}

static bool check_file_text(const char *path, const char *text, size_t size,
                            struct config_report *report)
{
    if (size > CONFIG_FILE_BYTES_MAX)
        return config_fail(report, "%s is larger than %d bytes", path, CONFIG_FILE_BYTES_MAX);
    if (memchr(text, '\0', size) != NULL)
        return config_fail(report, "%s holds a NUL byte, so it is no text file", path);
    return true;
}

/* The whole file as text, and its permissions. */
static bool read_file(struct arena *arena, const char *path, char **text_out, mode_t *mode_out,
                      struct config_report *report)
{
    char *text = arena_alloc(arena, CONFIG_FILE_BYTES_MAX + 2);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about = { 0 };
    size_t size = 0;
    bool ok;

    if (fd < 0)
        return config_fail(report, "%s cannot be opened: %s", path, strerror(errno));
    ok = fstat(fd, &about) == 0 && read_all(fd, text, &size);
    if (!ok)
        config_fail(report, "%s cannot be read: %s", path, strerror(errno));
    close(fd);
    *text_out = text;
    *mode_out = about.st_mode;
    return ok && check_file_text(path, text, size, report);
}

/* --- Lines --------------------------------------------------------------------------------- */

static char *trim(char *text)
{
    char *end;

    text += strspn(text, " \t\r");
    end = text + strlen(text);
    while (end > text && strchr(" \t\r", end[-1]) != NULL)
        *--end = '\0';
    return text;
}

/* Removes one pair of quotes. False when one of the two is missing. */
static bool unquote(char **value)
{
    char *text = *value;
    size_t size = strlen(text);

    if (*text != '"' && *text != '\'')
        return true;
    if (size < 2 || text[size - 1] != text[0])
        return false;
    text[size - 1] = '\0';
    *value = text + 1;
    return true;
}

static const struct config_line *find_line(const struct config_source *source, const char *name)
{
    for (int i = 0; i < source->line_count; i++)
        if (strcmp(source->lines[i].name, name) == 0)
            return &source->lines[i];
    return NULL;
}

static bool add_line(struct config_source *source, int number, char *name, char *value,
                     struct config_report *report)
{
    const struct config_line *earlier = find_line(source, name);

    if (earlier != NULL)
        return config_fail(report, "%s line %d: %s is given twice, first in line %d", source->path,
                           number, name, earlier->number);
    if (source->line_count == CONFIG_LINES_MAX)
        return config_fail(report, "%s line %d: more than %d settings", source->path, number,
                           CONFIG_LINES_MAX);
    source->lines[source->line_count++] = (struct config_line) { name, value, number };
    return true;
}

static bool read_line(struct config_source *source, int number, char *line,
                      struct config_report *report)
{
    char *name = trim(line), *value = strchr(name, '=');

    if (*name == '\0' || *name == '#')
        return true;
    if (value == NULL || value == name)
        return config_fail(report, "%s line %d: not of the form NAME=value", source->path, number);
    *value++ = '\0';
    name = trim(name);
    value = trim(value);
    if (!unquote(&value))
        return config_fail(report, "%s line %d: %s has a quote without its partner", source->path,
                           number, name);
    return add_line(source, number, name, value, report);
}

bool config_source_open(struct arena *arena, const char *path, struct config_source *source_out,
                        struct config_report *report)
{
    char *rest = NULL, *line;
    mode_t mode;

    *source_out = (struct config_source) { .arena = arena, .path = path };
    if (path == NULL)
        return true;
    if (!read_file(arena, path, &rest, &mode, report))
        return false;
    source_out->open_to_others = (mode & (S_IWGRP | S_IRWXO)) != 0;
    for (int number = 1; (line = strsep(&rest, "\n")) != NULL; number++)
        if (!read_line(source_out, number, line, report))
            return false;
    return true;
}

/* --- One setting --------------------------------------------------------------------------- */

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

static const char *from_file(const struct config_source *source, const char *name)
{
    const struct config_line *line = find_line(source, name);

    return line != NULL && *line->value != '\0' ? line->value : NULL;
}

const char *config_source_find(const struct config_source *source, const char *name)
{
    const char *value = from_environment(name);

    return value != NULL ? value : from_file(source, name);
}

static bool read_named_file(struct arena *arena, const char *name, const char *path,
                            char **text_out, mode_t *mode_out, struct config_report *report)
{
    char reason[CONFIG_LINE_MAX];

    if (read_file(arena, path, text_out, mode_out, report))
        return true;
    memcpy(reason, report->error, sizeof(reason));
    return config_fail(report, "%s: %.400s", name, reason);
}

bool config_read_named_file(struct arena *arena, const char *name, const char *path,
                            char **text_out, struct config_report *report)
{
    mode_t mode;

    return read_named_file(arena, name, path, text_out, &mode, report);
}

/*
 * A line end after the secret comes from an editor and is not part of it. The group may read:
 * systemd shows the user's right to a credential there (the mask of an ACL).
 */
static bool read_secret_file(const struct config_source *source, const char *name,
                             const char *path, const char **value_out,
                             struct config_report *report)
{
    const char *setting = arena_printf(source->arena, "%s_FILE", name);
    char *text = NULL;
    mode_t mode;

    if (!read_named_file(source->arena, setting, path, &text, &mode, report))
        return false;
    text[strcspn(text, "\r\n")] = '\0';
    if (*text == '\0')
        return config_fail(report, "%s: %s has no secret in its first line", setting, path);
    if ((mode & S_IRWXO) != 0)
        snprintf(report->warning, sizeof(report->warning),
                 "%s: everybody may read %.300s: chmod 600", setting, path);
    *value_out = text;
    return true;
}

/* Within one place the secret itself or its file may be given, not both. */
static bool choose_secret(const struct config_source *source, const char *name, const char *value,
                          const char *path, const char **value_out, struct config_report *report)
{
    if (value != NULL && path != NULL)
        return config_fail(report, "%s and %s_FILE are both set; keep one", name, name);
    if (path != NULL)
        return read_secret_file(source, name, path, value_out, report);
    *value_out = value;
    return true;
}

bool config_source_find_secret(const struct config_source *source, const char *name,
                               const char **value_out, struct config_report *report)
{
    const char *file_name = arena_printf(source->arena, "%s_FILE", name);
    const char *value = from_environment(name), *path = from_environment(file_name);

    if (value == NULL && path == NULL) {
        value = from_file(source, name);
        path = from_file(source, file_name);
    }
    return choose_secret(source, name, value, path, value_out, report);
}
