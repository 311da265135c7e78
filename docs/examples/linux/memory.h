#pragma once
#include <stddef.h>

#define PAGE 4096UL

char *heap_open(void);
char *heap_grow(size_t pages);
char *arena_open(size_t pages);
char *arena_commit(size_t page);
char *show(int image);
