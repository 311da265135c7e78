/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Fills a ring that nobody drains, drains it, and goes on.
 */
#include "standin.h"
#include "this_arch.h"
#include <stdio.h>

int main(void);

static unsigned long drain_some(unsigned long most)
{
    char some[200];
    unsigned long n = overmap_capture_drain(some, most);
    fwrite(some, 1, n, stdout);
    return n;
}

static void drain(void)
{
    while (drain_some(100) != 0) {
    }
}

int main(void)
{
    seL4_CPtr page;
    int round;
    unsigned long calls = 100 + 350;

    for (page = 1; page <= 100; page++) {
        ARCH(Page_Unmap)(page);
    }
    fprintf(stderr, "%lu\n", overmap_capture_lost());
    drain();
    /* Many times around the ring. */
    for (round = 0; round < 50; round++) {
        for (page = 101; page <= 107; page++) {
            ARCH(Page_Unmap)(page);
        }
        drain();
    }
    fprintf(stderr, "%lu\n", overmap_capture_lost());
    /* Every amount of room for one more line, among them exactly as much as it needs. */
    for (round = 1; round <= 200; round++) {
        unsigned long lost = overmap_capture_lost();
        while (overmap_capture_lost() == lost) {
            ARCH(Page_Unmap)(200);
            calls++;
        }
        drain_some((unsigned long)round);
        ARCH(Page_Unmap)(201);
        calls++;
        drain();
    }
    fprintf(stderr, "%lu\n%lu\n", overmap_capture_lost(), calls);
    return 0;
}
