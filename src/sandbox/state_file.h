/*
 * state_file.h - keeps the sandbox's state in a file, so that payments survive a restart.
 *
 * The file is replaced as a whole (written beside, then renamed) soon after each change and at the
 * end: a kill loses the last second at most. Not kept: faults, webhook settings, and the log of
 * requests. Only its owner can read it.
 */
#ifndef PAYAPI_SANDBOX_STATE_FILE_H
#define PAYAPI_SANDBOX_STATE_FILE_H

#include <stdbool.h>

#include "sandbox/control/world.h"

#define STATE_FILE_INTERVAL_MS 500

struct state_file;

/*
 * Reads the file, if there is one, into a world without objects. NULL, with a reason in
 * why_out[size_bytes], when it cannot be read, is broken, or cannot be written. The world is
 * borrowed.
 */
struct state_file *state_file_open(const char *path, struct world *world, char *why_out,
                                   size_t size_bytes);

/* Something may have changed. Thread-safe. */
void state_file_note_change(struct state_file *file);

/* Writes it if something has changed and STATE_FILE_INTERVAL_MS have passed since the last save. */
void state_file_save_if_due(struct state_file *file);

/* Writes it and frees file. */
void state_file_close(struct state_file *file);

#endif
