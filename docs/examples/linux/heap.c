/* A heap at an address of its own, so that its pointers are the same in every run. */
#define _GNU_SOURCE
#include "memory.h"
#include <sys/mman.h>

#define HEAP ((char *)0x200000000000)
#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS)

static size_t used;

char *heap_open(void)
{
    char *p = mmap(HEAP, PAGE, PROT_READ | PROT_WRITE, FLAGS | MAP_FIXED, -1, 0);
    if (p == MAP_FAILED) {
        return NULL;
    }
    used = 1;
    return p;
}

char *heap_grow(size_t pages)
{
    char *end = HEAP + used * PAGE;
    if (mmap(end, pages * PAGE, PROT_READ | PROT_WRITE, FLAGS | MAP_FIXED, -1, 0) == MAP_FAILED) {
        return NULL;
    }
    used += pages;
    return end;
}
