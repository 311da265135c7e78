#define _GNU_SOURCE
#include "memory.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    int first = memfd_create("first", 0);
    int second = memfd_create("second", 0);
    if (ftruncate(first, PAGE) != 0 || ftruncate(second, PAGE) != 0) {
        return 1;
    }
    if (heap_open() == NULL || heap_grow(3) == NULL || heap_grow(4) == NULL) {
        return 1;
    }
    if (arena_open(64) == NULL || arena_commit(0) == NULL || arena_commit(1) == NULL) {
        return 1;
    }
    char *window = show(first);
    if (window == NULL) {
        return 1;
    }
    strcpy(window, "an image");
    return show(second) == NULL;
}
