// A bare three-level radix table, all pages mapped, then all unmapped: no capability, no check but "does it hold this frame".
// Prints nanoseconds for a pair, median of 15 repetitions over 256 pages in one leaf table and over 65,536 pages.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
typedef uint64_t table[512];
static table root;
static uint64_t *slot(uint64_t vaddr) {
  uint64_t *t = root;
  for (int shift = 30; shift > 12; shift -= 9) {
    uint64_t *entry = &t[(vaddr >> shift) & 511];
    if (!*entry) *entry = (uint64_t)calloc(1, sizeof(table)) | 1;
    t = (uint64_t *)(*entry & ~1ull);
  }
  return &t[(vaddr >> 12) & 511];
}
static int by_value(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }
static double pairs(uint64_t pages, int rounds) {
  double runs[15];
  for (int run = 0; run < 15; run++) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int round = 0; round < rounds; round++) {
      for (uint64_t i = 0; i < pages; i++) {
        volatile uint64_t vaddr = 0x400000 + i * 4096;
        uint64_t *entry = slot(vaddr);
        if (*entry) abort();
        *entry = (0x1000000 + i * 4096) | 3;
      }
      for (uint64_t i = 0; i < pages; i++) {
        volatile uint64_t vaddr = 0x400000 + i * 4096;
        uint64_t *entry = slot(vaddr);
        if ((*entry & ~4095ull) != 0x1000000 + i * 4096) abort();
        *entry = 0;
      }
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    runs[run] = ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) / ((double)pages * rounds);
  }
  qsort(runs, 15, sizeof *runs, by_value);
  return runs[7];
}
int main(void) { printf("{\"near\":%.3f,\"wide\":%.3f}\n", pairs(256, 2000), pairs(65536, 8)); }
