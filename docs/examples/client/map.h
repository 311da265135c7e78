#pragma once
#include <sel4/sel4.h>
#include <stdio.h>
#include <string.h>

#define PAGE_SIZE 4096
#define SCREEN 0x20000000UL

int map_page(seL4_CPtr frame, seL4_Word vaddr);
seL4_CPtr new_table(void);
void reserve(seL4_Word start, int pages);
