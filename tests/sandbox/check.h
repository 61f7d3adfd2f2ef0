/*
 * check.h - cmocka with the headers it wants.
 */
#ifndef TESTS_SANDBOX_CHECK_H
#define TESTS_SANDBOX_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
