/*
 * state_file.h - the world in a file: payments survive a restart.
 *
 * The file is replaced as a whole (written beside, then renamed), soon after each change and at
 * the end: what a kill can lose is the last second. Not kept: faults, the mischief of webhooks,
 * and the log of requests. Only its owner may read it.
 */
#ifndef PAYAPI_SANDBOX_STATE_FILE_H
#define PAYAPI_SANDBOX_STATE_FILE_H

#include <stdbool.h>

#include "sandbox/control/world.h"

#define STATE_FILE_INTERVAL_MS 500

struct state_file;

/*
 * Reads the file into a world without objects, if there is one. NULL, with a reason in
 * why_out[size_bytes], when it cannot be read, is broken, or could not be written. The world is
 * borrowed.
 */
struct state_file *state_file_open(const char *path, struct world *world, char *why_out,
                                   size_t size_bytes);

/* Something may have changed. Thread-safe. */
void state_file_note_change(struct state_file *file);

/* Writes it when something has changed and the last writing is long enough ago. */
void state_file_save_if_due(struct state_file *file);

/* Writes it, and frees. */
void state_file_close(struct state_file *file);

#endif
