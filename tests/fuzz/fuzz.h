/*
 * fuzz.h - one fuzz target is one C file and one folder of inputs.
 *
 * tests/fuzz/fuzz_NAME.c defines fuzz_one, which feeds the input to one parser of foreign bytes and
 * asserts what must hold whatever the bytes are (what was printed reads back, limits hold).
 * tests/fuzz/corpus/NAME/ holds inputs to start from: good ones, nearly good ones, and each one that
 * ever found a fault. Add NAME to FUZZ_TARGETS in local.mk; ./dev fuzz and ./dev test find the rest.
 */
#ifndef PAYAPI_TESTS_FUZZ_H
#define PAYAPI_TESTS_FUZZ_H

#include <assert.h>

#include "base/arena.h"

/* input has no NUL behind it and is at its exact size on the heap; the arena is emptied afterwards. */
void fuzz_one(struct arena *arena, struct bytes input);

/*
 * The input's first line, without its line end, as text in the arena; *rest moves behind it. For
 * targets that read several things. What stands behind a NUL is cut off: "NAME=value" has no NUL.
 */
const char *fuzz_line(struct arena *arena, struct bytes *rest);

#endif
