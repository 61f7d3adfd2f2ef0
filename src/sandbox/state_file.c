/* Writes the sandbox's state to a file when it has changed, and reads it back at the start. */
#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"
#include "sandbox/paystack/paystack_state.h"
#include "sandbox/stripe/stripe_state.h"

#define STATE_VERSION 1

struct state_file {
    struct world        *world;
    char                *path, *new_path;
    atomic_ullong        changes;               /* by requests */
    unsigned long long   saved_changes;         /* of all kinds, at the last save */
    int64_t              saved_at_ms;
    bool                 has_complained;
};

/* Counts requests, and everything that shows as an event: expiry, deliveries. */
static unsigned long long changes_of(struct state_file *file)
{
    return atomic_load(&file->changes) + webhooks_changes(file->world->stripe_webhooks) +
           webhooks_changes(file->world->paystack_webhooks);
}

static json_t *write_world(struct world *world)
{
    return json_pack("{s:i, s:I, s:o, s:o}", "version", STATE_VERSION,
                     "clock_offset_s", (json_int_t) sandbox_clock_offset_s(world->clock),
                     "stripe", stripe_state_write(world->stripe),
                     "paystack", paystack_state_write(world->paystack));
}

static bool read_world(struct world *world, json_t *state, char why_out[STATE_WHY_BYTES])
{
    int          version;
    json_int_t   offset_s;
    json_t      *stripe, *paystack;
    json_error_t error;

    if (json_unpack_ex(state, &error, 0, "{s:i, s:I, s:o, s:o}", "version", &version,
                       "clock_offset_s", &offset_s, "stripe", &stripe,
                       "paystack", &paystack) != 0) {
        copy_bounded(why_out, STATE_WHY_BYTES, error.text);
        return false;
    }
    if (version != STATE_VERSION) {
        snprintf(why_out, STATE_WHY_BYTES, "it is of version %d, known is %d", version,
                 STATE_VERSION);
        return false;
    }
    sandbox_clock_advance(world->clock, offset_s);
    return stripe_state_read(world->stripe, stripe, why_out) &&
           paystack_state_read(world->paystack, paystack, why_out);
}

/* True even when there is no file yet. */
static bool load(struct state_file *file, char *why_out, size_t size_bytes)
{
    FILE        *stream = fopen(file->path, "re");
    json_error_t error;
    json_t      *state;
    char         why[STATE_WHY_BYTES];
    bool         is_right;

    if (stream == NULL) {
        if (errno == ENOENT)
            return true;
        snprintf(why_out, size_bytes, "%s: %s", file->path, strerror(errno));
        return false;
    }
    state = json_loadf(stream, JSON_REJECT_DUPLICATES, &error);
    fclose(stream);
    if (state == NULL) {
        snprintf(why_out, size_bytes, "%s is broken (line %d: %s). Move it away to start anew.",
                 file->path, error.line, error.text);
        return false;
    }
    is_right = read_world(file->world, state, why);
    json_decref(state);
    if (!is_right)
        snprintf(why_out, size_bytes, "%s is broken (%s). Move it away to start anew.",
                 file->path, why);
    return is_right;
}

static bool write_all(const char *path, const char *bytes, size_t count)
{
    int  descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool is_written = descriptor >= 0;

    while (is_written && count > 0) {
        ssize_t written = write(descriptor, bytes, count);

        is_written = written > 0 || (written < 0 && errno == EINTR);
        bytes += written > 0 ? written : 0;
        count -= written > 0 ? (size_t) written : 0;
    }
    is_written = is_written && fsync(descriptor) == 0;
    if (descriptor >= 0 && close(descriptor) != 0)
        is_written = false;
    return is_written;
}

static bool save(struct state_file *file)
{
    unsigned long long changes = changes_of(file);
    json_t            *state = write_world(file->world);
    char              *text = json_dumps(state, JSON_COMPACT);
    bool               is_saved = write_all(file->new_path, text, strlen(text)) &&
                                  rename(file->new_path, file->path) == 0;
    int                error = errno;

    free(text);
    json_decref(state);
    if (is_saved)
        file->saved_changes = changes;
    else if (!file->has_complained)
        fprintf(stderr, "{\"event\":\"state_not_saved\",\"why\":\"%s\"}\n", strerror(error));
    file->has_complained = !is_saved;
    file->saved_at_ms = sandbox_clock_monotonic_ms();
    errno = error;
    return is_saved;
}

static void release(struct state_file *file)
{
    free(file->path);
    free(file->new_path);
    free(file);
}

struct state_file *state_file_open(const char *path, struct world *world, char *why_out,
                                   size_t size_bytes)
{
    struct state_file *file = alloc_new(1, sizeof *file);
    struct strbuf        new_path = { 0 };

    strbuf_addf(&new_path, "%s.new", path);
    file->path = alloc_dup(path);
    file->new_path = strbuf_take(&new_path);
    file->world = world;
    if (!load(file, why_out, size_bytes)) {
        release(file);
        return NULL;
    }
    if (!save(file)) {
        snprintf(why_out, size_bytes, "%s: %s", path, strerror(errno));
        release(file);
        return NULL;
    }
    return file;
}

void state_file_note_change(struct state_file *file)
{
    atomic_fetch_add(&file->changes, 1);
}

void state_file_save_if_due(struct state_file *file)
{
    if (changes_of(file) != file->saved_changes &&
        sandbox_clock_monotonic_ms() - file->saved_at_ms >= STATE_FILE_INTERVAL_MS)
        save(file);
}

void state_file_close(struct state_file *file)
{
    save(file);
    release(file);
}
