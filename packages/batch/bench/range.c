/*
 * The loop of a batched range in C: per page the same capability words and entries as the engine's, nothing else.
 * cc -O2 -o range range.c && ./range PAGES ROUNDS        prints ns a page of map, of protect and of unmap
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WORDS = 8, ENTRIES = 512, FRAME = 1, LEAF = -1 };

static int32_t *caps, *lo, *hi, *links;
static int32_t leaf_lo[4] = {0x7fc, 0x77c, 0x7bc, 0}, leaf_hi[4] = {0x4000000, 0x4000000, 0x4000000, 0};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Check and write the pages of one table; returns how many. */
static int map_table(int32_t *c, int at, int n, int32_t asid, int32_t vlo, int32_t vhi, int remap) {
  int i;
  for (i = 0; i < n; i++) {
    int32_t *k = c + i * WORDS;
    if ((k[0] & 0x3f) != FRAME) break;
    if (remap) {
      if (k[1] != asid || k[2] != vlo + i * 4096 || k[3] != vhi || links[at + i] != LEAF) break;
      if (((lo[at + i] ^ k[4]) & 0xfffff000) != 0 || ((hi[at + i] ^ k[5]) & 0xffff) != 0) break;
    } else if (k[1] != 0 || links[at + i] != 0)
      break;
    int held = (k[0] >> 6) & 3;
    lo[at + i] = k[4] | leaf_lo[held];
    hi[at + i] = k[5] | leaf_hi[held];
    links[at + i] = LEAF;
    k[0] &= ~(1 << 11);
    k[1] = asid;
    k[2] = vlo + i * 4096;
    k[3] = vhi;
  }
  return i;
}

static int unmap_table(int32_t *c, int at, int n, int32_t asid, int32_t vlo, int32_t vhi) {
  int i;
  for (i = 0; i < n; i++) {
    int32_t *k = c + i * WORDS;
    if ((k[0] & 0x3f) != FRAME || k[1] != asid || k[2] != vlo + i * 4096 || k[3] != vhi || links[at + i] != LEAF) break;
    if (((lo[at + i] ^ k[4]) & 0xfffff000) != 0 || ((hi[at + i] ^ k[5]) & 0xffff) != 0) break;
    lo[at + i] = hi[at + i] = links[at + i] = 0;
    k[0] &= ~(1 << 11);
    k[1] = k[2] = k[3] = 0;
  }
  return i;
}

static int compare(const void *a, const void *b) { return *(double *)a < *(double *)b ? -1 : 1; }

int main(int argc, char **argv) {
  int pages = argc > 1 ? atoi(argv[1]) : 65536, rounds = argc > 2 ? atoi(argv[2]) : 100;
  caps = calloc((size_t)pages * WORDS, 4);
  lo = calloc(pages, 4);
  hi = calloc(pages, 4);
  links = calloc(pages, 4);
  for (int i = 0; i < pages; i++) {
    caps[i * WORDS] = FRAME | 2 << 6;
    caps[i * WORDS + 4] = 0x40000000 + i * 4096;
  }
  double *t[3];
  long done = 0;
  for (int w = 0; w < 3; w++) t[w] = calloc(rounds, sizeof(double));
  for (int r = 0; r < rounds; r++)
    for (int w = 0; w < 3; w++) {
      double start = now();
      for (int p = 0; p < pages; p += ENTRIES) {
        int n = pages - p < ENTRIES ? pages - p : ENTRIES;
        int32_t v = 0x10000000 + p * 4096;
        done += w == 2 ? unmap_table(caps + p * WORDS, p, n, 2, v, 0) : map_table(caps + p * WORDS, p, n, 2, v, 0, w);
      }
      t[w][r] = (now() - start) / pages;
    }
  if (done != 3L * rounds * pages) return 1;
  for (int w = 0; w < 3; w++) qsort(t[w], rounds, sizeof(double), compare);
  printf("%.3f %.3f %.3f\n", t[0][rounds / 2], t[1][rounds / 2], t[2][rounds / 2]);
  return 0;
}
