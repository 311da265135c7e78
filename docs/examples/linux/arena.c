/* An arena: its range is reserved, and filled page by page. */
#define _GNU_SOURCE
#include "memory.h"
#include <sys/mman.h>

static char *arena;

char *arena_open(size_t pages)
{
    arena = mmap(NULL, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return arena == MAP_FAILED ? NULL : arena;
}

char *arena_commit(size_t page)
{
    char *p = mmap(arena + page * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}
