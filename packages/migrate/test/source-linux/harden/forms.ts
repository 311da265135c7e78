/** Programs whose calls are rewritten: each function maps a page at `AT` and says whether it could. */

export interface Form {
  readonly name: string;
  readonly language: 'c' | 'cpp';
  /** The body of `int place(void)`: 0 = it is mapped. */
  readonly body: string;
  /** What stands above the function. */
  readonly above?: string;
  /** Text that the rewritten body has. */
  readonly expected: string;
}

export const FORMS: readonly Form[] = [
  {
    name: 'a declaration, tested behind it',
    language: 'c',
    body: `    void *p = mmap((void *)AT, BYTES, PROT_READ, FLAGS | MAP_FIXED, -1, 0);
    if (p == MAP_FAILED)
        return errno;
    return 0;
`,
    expected: `    void *p = mmap((void *)AT, BYTES, PROT_READ, FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
    /* Before Linux 4.17 the address is a hint: what is elsewhere is refused here. */
    if (p != MAP_FAILED && p != (void *)AT) {
        munmap(p, BYTES);
        errno = EEXIST;
        p = MAP_FAILED;
    }
    if (p == MAP_FAILED)
`,
  },
  {
    name: 'an assignment to a pointer of another type',
    language: 'c',
    body: `    const char *p;
    char *at = (char *)AT;
    p = (const char *)mmap(at + 0, BYTES, PROT_READ, FLAGS | MAP_FIXED, -1, 0); // placed
    if (p != MAP_FAILED) {
        return 0;
    }
    return errno;
`,
    expected: `MAP_FIXED_NOREPLACE, -1, 0); // placed
    /* Before Linux 4.17 the address is a hint: what is elsewhere is refused here. */
    if (p != MAP_FAILED && p != (void *)(at + 0)) {
        munmap((void *)p, BYTES);
        errno = EEXIST;
        p = (const char *)MAP_FAILED;
    }
`,
  },
  {
    name: 'an assignment in a test',
    language: 'c',
    body: `    void *p;
    if ((p = mmap((void *)AT, BYTES, PROT_READ,
                  FLAGS | MAP_FIXED, -1, 0)) == MAP_FAILED)
        return errno;
    return 0;
`,
    expected: `    void *p;
    p = mmap((void *)AT, BYTES, PROT_READ,
                  FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
    /* Before Linux 4.17 the address is a hint: what is elsewhere is refused here. */
    if (p != MAP_FAILED && p != (void *)AT) {
        munmap(p, BYTES);
        errno = EEXIST;
        p = MAP_FAILED;
    }
    if (p == MAP_FAILED)
        return errno;
`,
  },
  {
    name: 'a call in a test',
    language: 'c',
    body: `\tif (mmap((void *)AT, BYTES, PROT_READ, FLAGS | MAP_FIXED, -1, 0) == MAP_FAILED || BYTES == 0)
\t\treturn errno;
\treturn 0;
`,
    expected: `\tvoid *mapped = mmap((void *)AT, BYTES, PROT_READ, FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
\t/* Before Linux 4.17 the address is a hint: what is elsewhere is refused here. */
\tif (mapped != MAP_FAILED && mapped != (void *)AT) {
\t\tmunmap(mapped, BYTES);
\t\terrno = EEXIST;
\t\tmapped = MAP_FAILED;
\t}
\tif (mapped == MAP_FAILED || BYTES == 0)
`,
  },
  {
    name: 'an answer that is returned',
    language: 'c',
    above: `static void *map_there(size_t bytes)
{
    return mmap((void *)AT, bytes, PROT_READ, FLAGS | MAP_FIXED, -1, 0);
}
`,
    body: `    return map_there(BYTES) == MAP_FAILED ? errno : 0;
`,
    expected: `    void *mapped = mmap((void *)AT, bytes, PROT_READ, FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
    /* Before Linux 4.17 the address is a hint: what is elsewhere is refused here. */
    if (mapped != MAP_FAILED && mapped != (void *)AT) {
        munmap(mapped, bytes);
        errno = EEXIST;
        mapped = MAP_FAILED;
    }
    return mapped;
`,
  },
  {
    name: 'flags in a variable, and an answer in a field',
    language: 'c',
    above: 'struct window { char *base; };\n',
    body: `    struct window w;
    int flags = FLAGS | MAP_FIXED;
    w.base = mmap((void *)AT, BYTES, PROT_READ, flags, -1, 0);
    if (w.base == MAP_FAILED)
        return errno;
    return 0;
`,
    expected: `    int flags = FLAGS | MAP_FIXED_NOREPLACE;
    w.base = mmap((void *)AT, BYTES, PROT_READ, flags, -1, 0);
    /* Before Linux 4.17 the address is a hint: what is elsewhere is refused here. */
    if (w.base != MAP_FAILED && w.base != (void *)AT) {
        munmap((void *)w.base, BYTES);
        errno = EEXIST;
        w.base = MAP_FAILED;
    }
`,
  },
  {
    name: 'C++ casts',
    language: 'cpp',
    body: `    char *at = reinterpret_cast<char *>(AT);
    auto *p = static_cast<char *>(mmap(at, BYTES, PROT_READ, FLAGS | MAP_FIXED, -1, 0));
    if (p == MAP_FAILED) {
        return errno;
    }
    return 0;
`,
    expected: `    if (p != MAP_FAILED && p != (void *)at) {
        munmap((void *)p, BYTES);
        errno = EEXIST;
        p = static_cast<char *>(MAP_FAILED);
    }
`,
  },
];

/** A form as a source file of its own. */
export const sourceOf = ({
  language,
  above = '',
  body,
}: Form): string => `${language === 'c' ? '#define _GNU_SOURCE\n' : ''}#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#define AT 0x200000000000UL
#define BYTES 8192UL
#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS)

${above}int place(void);

int place(void)
{
${body}}
`;

/** Runs `place` where the range is free, and where a page of it is taken: prints what it said, and whether that page is as it was. */
export const DRIVER = `
#include <stdio.h>

int main(void)
{
    int free_ = place();
    munmap((void *)AT, BYTES);
    unsigned char *page = (unsigned char *)mmap((void *)(AT + 4096), 4096, PROT_READ | PROT_WRITE, FLAGS | MAP_FIXED, -1, 0);
    page[7] = 42;
    int taken = place();
    printf("free %d taken %s page %s\\n", free_, taken == 0 ? "mapped" : taken == EEXIST ? "EEXIST" : "other",
           page[7] == 42 ? "kept" : "lost");
    return 0;
}
`;

/** A kernel before 4.17: it does not know the flag. */
export const OLD_KERNEL = `#define _GNU_SOURCE
#include <sys/mman.h>

void *old_kernel_mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset)
{
    return mmap(at, bytes, prot, flags & ~0x100000, fd, offset);
}
`;
