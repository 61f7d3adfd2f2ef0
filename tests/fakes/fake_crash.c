/* A crash at the nth point where a process could die: a jump back to the test. */
#include "fake_crash.h"

jmp_buf fake_crash_landing;

static int points_left;

void fake_crash_arm(int nth)
{
    points_left = nth;
}

void fake_crash_disarm(void)
{
    points_left = 0;
}

void fake_crash_point(void)
{
    if (points_left == 0 || --points_left > 0)
        return;
    longjmp(fake_crash_landing, 1);
}
