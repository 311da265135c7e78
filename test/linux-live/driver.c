/*
 * Runs a random sequence of mmap, munmap, mprotect, mremap and writes on the kernel that it runs on, and prints it with
 * results and states as a recording (JSON Lines), for the model to be compared with.
 *
 *     driver SEED OPERATIONS FAMILY
 *
 * FAMILY is plain (an arena that nothing else is in, with GROWSDOWN, no writes), touch (the same with writes and what the
 * pages hold, no GROWSDOWN), whole (the whole address space, without randomisation: where the kernel puts things) or
 * limit (the same, near vm.max_map_count).
 *
 * It allocates nothing while it runs, so that its own memory does not change. Exit status 3: this machine cannot run it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PAGE 4096ul
#define TASK 0x7ffffffff000ul
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t arena = 0x200000000000ul, arena_pages = 512;
static enum { PLAIN, TOUCH, WHOLE, LIMIT } family;
static const char *const families[] = { "plain", "touch", "whole", "limit" };

/* ---- output: one static buffer ---- */
static char out[1 << 16];
static size_t out_len;
static void flush_out(void)
{
    for (size_t at = 0; at < out_len;) {
        ssize_t n = write(1, out + at, out_len - at);
        if (n <= 0) _exit(4);
        at += (size_t)n;
    }
    out_len = 0;
}
static void say(const char *format, ...)
{
    va_list args;
    if (out_len > sizeof out - 4096) flush_out();
    va_start(args, format);
    out_len += (size_t)vsnprintf(out + out_len, sizeof out - out_len, format, args);
    va_end(args);
}

/* ---- chance ---- */
static uint64_t seed_state;
static uint64_t chance(uint64_t below)
{
    seed_state ^= seed_state << 13;
    seed_state ^= seed_state >> 7;
    seed_state ^= seed_state << 17;
    return below ? (seed_state >> 11) % below : 0;
}
static int percent(unsigned p) { return chance(100) < p; }

/* ---- files ---- */
static const struct { uint64_t size; const char *mode; } files[] = {
    { 2097152, "rw" }, { 262144, "rw" }, { 2097152, "ro" }, { 65636, "rw" } };
static int fds[COUNT(files)], pipe_fds[2];
static void make_files(void)
{
    for (unsigned k = 0; k < COUNT(files); k++) {
        char name[32];
        snprintf(name, sizeof name, "live%u", k);
        fds[k] = memfd_create(name, 0);
        if (fds[k] < 0 || ftruncate(fds[k], (off_t)files[k].size)) exit(3);
        for (uint64_t p = 0; family == TOUCH && p * PAGE < files[k].size; p++) {
            uint64_t tag = (k + 1) * 1000000000ul + p;
            if (pwrite(fds[k], &tag, 8, (off_t)(p * PAGE)) != 8) exit(3);
        }
        if (files[k].mode[1] == 'o') {
            char path[64];
            snprintf(path, sizeof path, "/proc/self/fd/%d", fds[k]);
            int read_only = open(path, O_RDONLY);
            if (read_only < 0) exit(3);
            close(fds[k]);
            fds[k] = read_only;
        }
    }
    if (pipe(pipe_fds)) exit(3);
}

/* ---- what is mapped: /proc/self/smaps ---- */
static char smaps[48 << 20];
static char *read_smaps(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0) _exit(3);
    size_t len = 0;
    for (ssize_t n; (n = read(fd, smaps + len, sizeof smaps - 1 - len)) > 0;) len += (size_t)n;
    close(fd);
    smaps[len] = 0;
    return smaps;
}

static struct { uint64_t inode; unsigned number; } shared[4096];
static unsigned shared_count;

static uint64_t inode_at(uint64_t address)
{
    for (char *line = read_smaps("/proc/self/maps"); line && *line;) {
        uint64_t start, end, offset, inode;
        if (sscanf(line, "%lx-%lx %*s %lx %*s %lu", &start, &end, &offset, &inode) == 4 && start <= address && address < end)
            return inode;
        line = strchr(line, '\n');
        if (line) line++;
    }
    return 0;
}

static void backing_name(char *name, size_t size, const char *path, uint64_t inode)
{
    unsigned k;
    if (!*path) snprintf(name, size, "anon");
    else if (sscanf(path, "/memfd:live%u", &k) == 1) snprintf(name, size, "file:%u", k);
    else if (!strncmp(path, "/dev/zero", 9)) {
        for (k = 0; k < shared_count && shared[k].inode != inode; k++);
        snprintf(name, size, "shm:%u", k < shared_count ? shared[k].number : 99999);
    } else if (*path == '[') snprintf(name, size, "%s", path);
    else snprintf(name, size, "/driver");
}

static void state(void)
{
    const char *comma = "";
    say("{\"op\":\"state\",\"maps\":[");
    for (char *line = read_smaps("/proc/self/smaps"); line && *line;) {
        uint64_t start, end, offset, inode;
        char perms[8], path[256] = "", flags[128] = "", *vm = strstr(line, "VmFlags:");
        char *end_of_line = strchr(line, '\n');
        if (!vm || !end_of_line) break;
        *end_of_line = 0;
        if (sscanf(line, "%lx-%lx %7s %lx %*s %lu %255[^\n]", &start, &end, perms, &offset, &inode, path) < 5) break;
        char *end_of_flags = strchr(vm, '\n');
        for (char *word = vm + 8; word < end_of_flags; word++) {
            while (*word == ' ') word++;
            if (word + 1 >= end_of_flags) break;
            /* Soft-dirty tracking does not count when VMAs merge. */
            if (strncmp(word, "sd", 2)) snprintf(flags + strlen(flags), 5, "%s%.2s", *flags ? " " : "", word);
            word += 2;
        }
        if (family >= WHOLE || (start >= arena && start < arena + arena_pages * PAGE)) {
            char name[256];
            backing_name(name, sizeof name, path, inode);
            say("%s[\"0x%lx\",\"0x%lx\",\"%s\",\"0x%lx\",\"%s\",\"%s\"]", comma, start, end, perms, offset, name, flags);
            comma = ",";
        }
        line = end_of_flags + 1;
    }
    say("]}\n");
}

static void tags(void)
{
    const char *comma = "";
    say("{\"op\":\"tags\",\"pages\":[");
    for (uint64_t p = 0; p < arena_pages; p++) {
        uint64_t tag = 0, address = arena + p * PAGE;
        /* The kernel reads the page for the pipe, so one that cannot be read gives an error, not a signal. */
        if (write(pipe_fds[1], (void *)address, 8) != 8) continue;
        if (read(pipe_fds[0], &tag, 8) != 8) _exit(4);
        if (tag) say("%s[\"0x%lx\",%lu]", comma, address, tag), comma = ",";
    }
    say("]}\n");
}

/* ---- calls ---- */
static const char *error_name(int error)
{
    switch (error) {
    case EPERM: return "EPERM";
    case EBADF: return "EBADF";
    case ENOMEM: return "ENOMEM";
    case EACCES: return "EACCES";
    case EFAULT: return "EFAULT";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case EAGAIN: return "EAGAIN";
    case EOVERFLOW: return "EOVERFLOW";
    case EOPNOTSUPP: return "EOPNOTSUPP";
    default: return "unknown";
    }
}
static void say_prot(int prot)
{
    say("\"prot\":\"%c%c%c\"", prot & 1 ? 'r' : '-', prot & 2 ? 'w' : '-', prot & 4 ? 'x' : '-');
    if (prot & ~7) say(",\"protx\":\"0x%x\"", prot & ~7);
}
static void say_result(long result, int gives_address)
{
    if (result == -1) say(",\"ret\":\"%s\"", error_name(errno));
    else if (gives_address) say(",\"ret\":\"0x%lx\"", (uint64_t)result);
    else say(",\"ret\":\"ok\"");
}
/* What the kernel put outside of the arena is taken away at once. */
static void outside(long result, uint64_t len)
{
    if (family >= WHOLE || result == -1 || ((uint64_t)result >= arena && (uint64_t)result < arena + arena_pages * PAGE)) {
        say("}\n");
        return;
    }
    say(",\"outside\":true}\n{\"op\":\"munmap\",\"addr\":\"0x%lx\",\"len\":%lu,\"auto\":true", (uint64_t)result, len);
    say_result(syscall(SYS_munmap, result, len), 0);
    say("}\n");
}

static uint64_t recent[16];
static unsigned recent_count;

static void do_mmap(uint64_t addr, uint64_t len, int prot, int flags, int file, uint64_t off)
{
    static const struct { int bit; const char *name; } names[] = { { MAP_ANONYMOUS, "ANONYMOUS" }, { MAP_FIXED, "FIXED" },
        { MAP_FIXED_NOREPLACE, "FIXED_NOREPLACE" }, { MAP_NORESERVE, "NORESERVE" }, { MAP_STACK, "STACK" },
        { MAP_GROWSDOWN, "GROWSDOWN" }, { 0x8000000, "UNKNOWN_0x8000000" }, { 0x80000, "SYNC" } };
    int type = flags & 15, anonymous = flags & MAP_ANONYMOUS;
    int fd = anonymous || file < 0 ? -1 : fds[file];
    long result = syscall(SYS_mmap, addr, len, prot, flags, fd, off);
    int error = errno;
    say("{\"op\":\"mmap\",\"addr\":\"0x%lx\",\"len\":%lu,", addr, len);
    say_prot(prot);
    say(",\"flags\":[%s", type == 1 ? "\"SHARED\"" : type == 2 ? "\"PRIVATE\"" : type == 3 ? "\"SHARED_VALIDATE\"" : "");
    const char *comma = type >= 1 && type <= 3 ? "," : "";
    for (unsigned k = 0; k < COUNT(names); k++)
        if (flags & names[k].bit) say("%s\"%s\"", comma, names[k].name), comma = ",";
    say("],\"off\":\"0x%lx\",\"backing\":", off);
    if (anonymous && type == 1 && result != -1) {
        shared[shared_count].inode = inode_at((uint64_t)result);
        shared[shared_count].number = shared_count;
        say("\"shm:%u\"", shared_count);
        shared_count++;
    } else if (anonymous) say(type == 1 ? "\"shm\"" : "\"anon\"");
    else if (file < 0) say("\"badfd\"");
    else say("\"file:%d\"", file);
    errno = error;
    say_result(result, 1);
    outside(result, len);
    if (result != -1) recent[recent_count++ % 16] = (uint64_t)result;
}

static void do_munmap(uint64_t addr, uint64_t len)
{
    long result = syscall(SYS_munmap, addr, len);
    say("{\"op\":\"munmap\",\"addr\":\"0x%lx\",\"len\":%lu", addr, len);
    say_result(result, 0);
    say("}\n");
}

static void do_mprotect(uint64_t addr, uint64_t len, int prot)
{
    long result = syscall(SYS_mprotect, addr, len, prot);
    say("{\"op\":\"mprotect\",\"addr\":\"0x%lx\",\"len\":%lu,", addr, len);
    say_prot(prot);
    say_result(result, 0);
    say("}\n");
}

static void do_mremap(uint64_t addr, uint64_t old_len, uint64_t new_len, int flags, uint64_t new_addr)
{
    long result = syscall(SYS_mremap, addr, old_len, new_len, flags, new_addr);
    say("{\"op\":\"mremap\",\"addr\":\"0x%lx\",\"oldlen\":%lu,\"newlen\":%lu,\"flags\":[", addr, old_len, new_len);
    const char *comma = "";
    if (flags & 1) say("\"MAYMOVE\""), comma = ",";
    if (flags & 2) say("%s\"FIXED\"", comma), comma = ",";
    if (flags & 4) say("%s\"DONTUNMAP\"", comma), comma = ",";
    if (flags & 8) say("%s\"UNKNOWN_8\"", comma);
    say("],\"newaddr\":\"0x%lx\"", new_addr);
    say_result(result, 1);
    outside(result, new_len);
    if (result != -1) recent[recent_count++ % 16] = (uint64_t)result;
}

static void do_touch(uint64_t addr, uint64_t tag)
{
    if (write(pipe_fds[1], &tag, 8) != 8) _exit(4);
    /* The kernel writes to the page: where it cannot, an error, not a signal. */
    long result = read(pipe_fds[0], (void *)addr, 8);
    int error = errno;
    uint64_t sink;
    if (result != 8 && read(pipe_fds[0], &sink, 8) != 8) _exit(4);
    errno = error;
    say("{\"op\":\"touch\",\"addr\":\"0x%lx\",\"tag\":%lu", addr, tag);
    say_result(result == 8 ? 0 : -1, 0);
    say("}\n");
}

/* ---- random calls ---- */
static uint64_t some_address(void)
{
    uint64_t near = recent[chance(16)];
    if (near >= arena && near < arena + arena_pages * PAGE && percent(50)) {
        uint64_t address = near + chance(8) * PAGE;
        if (percent(30)) address = near - chance(4) * PAGE;
        if (address >= arena && address < arena + arena_pages * PAGE) return address;
    }
    return arena + chance(arena_pages) * PAGE;
}
/* Pages from an address, not beyond the arena. */
static uint64_t some_len(uint64_t address)
{
    uint64_t room = (arena + arena_pages * PAGE - address) / PAGE;
    uint64_t pages = 1 + chance(percent(20) ? 100 : 12);
    if (pages > room) pages = room;
    return pages * PAGE - (percent(5) ? chance(PAGE) : 0);
}
static const uint64_t odd_lens[] = { 0, 1, 0x7fffffff1000, TASK, TASK + 1, TASK + PAGE, 1ul << 63, 0ul - 4096, 0ul - 4095,
    0ul - 1, 0ul - 8192 };
static int some_prot(void)
{
    static const int extra[] = { PROT_GROWSDOWN, PROT_GROWSUP, PROT_GROWSDOWN | PROT_GROWSUP, 8, 0x100 };
    int prot = percent(50) ? PROT_READ | PROT_WRITE : (int)chance(8);
    return percent(6) ? prot | extra[chance(COUNT(extra))] : prot;
}

static void random_mmap(void)
{
    uint64_t address = some_address(), len = some_len(address), off = 0;
    int flags = 0, file = 0;
    int anonymous = percent(60);
    static const int types[] = { 2, 2, 2, 2, 2, 2, 1, 1, 1, 3, 0, 4 };
    flags |= types[chance(percent(90) ? 9 : COUNT(types))];
    if (anonymous) flags |= MAP_ANONYMOUS;
    else {
        file = percent(97) ? (int)chance(COUNT(files)) : -1;
        off = percent(50) ? address - arena : chance(600) * PAGE;
        if (percent(2)) off += chance(PAGE);
        if (percent(2)) off = percent(50) ? 0ul - PAGE : (1ul << 63) - (1 + chance(20)) * PAGE;
    }
    unsigned fixed = (unsigned)chance(10);
    if (fixed < 5) flags |= MAP_FIXED;
    if (fixed == 4 || fixed == 5 || fixed == 6) flags |= MAP_FIXED_NOREPLACE;
    if (percent(12)) flags |= MAP_NORESERVE;
    if (percent(6)) flags |= MAP_STACK;
    if (percent(3)) flags |= percent(50) ? 0x8000000 : 0x80000;
    if (family != TOUCH && percent(anonymous ? 6 : 1)) flags |= MAP_GROWSDOWN;
    if (percent(4)) len = odd_lens[chance(COUNT(odd_lens))];
    if (percent(3)) address += chance(PAGE);
    if (percent(3) && !(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) address = chance(3) ? chance(5 * PAGE) : 0;
    else if (percent(2)) {
        /* Places that no mapping may have, or that this program leaves alone. */
        static const uint64_t odd[] = { 0, PAGE, TASK, TASK + PAGE, 0ul - PAGE, TASK - PAGE + 1 };
        address = odd[chance(COUNT(odd))];
        /* Below 0x400000, where the program begins. */
        if (address < TASK - PAGE) len = (1 + chance(3)) * PAGE;
    }
    if (family >= WHOLE && percent(50)) {
        flags &= ~(MAP_FIXED | MAP_FIXED_NOREPLACE);
        if (percent(80)) address = 0;
        if (percent(5)) len = (1 + chance(2)) * 0x200000ul;
    }
    int prot = some_prot();
    /* Huge and charged: whether there is so much memory is no question for the model. */
    if (len > (1ul << 32)) prot &= ~PROT_WRITE;
    do_mmap(address, len, prot, flags, file, off);
}

static void random_mremap(void)
{
    uint64_t address = some_address(), old_len = some_len(address), new_len = old_len, target = some_address();
    int flags = (int)chance(4) | (percent(50) ? MREMAP_MAYMOVE : 0);
    if (percent(20)) flags |= 4;
    if (percent(2)) flags |= 8;
    if (percent(50)) new_len = some_len(target);
    if (percent(15)) new_len = old_len + (1 + chance(4)) * PAGE;
    if (percent(5)) old_len = 0;
    if (target + new_len > arena + arena_pages * PAGE) target = arena + arena_pages * PAGE - ((new_len + PAGE - 1) & -PAGE);
    if (percent(2)) address += chance(PAGE);
    if (percent(2)) target += chance(PAGE);
    if (percent(3)) new_len = odd_lens[chance(COUNT(odd_lens))];
    if (percent(2)) old_len = TASK - address + PAGE + chance(3) * PAGE; /* its tail is behind user space */
    if (percent(1)) old_len = 0ul - chance(5000);
    if (percent(2) && flags & 4 && !(flags & 2)) target = percent(50) ? 0 : PAGE;
    if (percent(1)) target = TASK - chance(2) * PAGE;
    /* A target that may reach the stack. */
    if (flags & 2 && target >= TASK - 4 * PAGE && target + new_len <= TASK) target = TASK;
    do_mremap(address, old_len, new_len, flags, target);
}

static void random_call(uint64_t number)
{
    uint64_t address = some_address(), len = some_len(address);
    switch (chance(family == TOUCH ? 13 : 10)) {
    case 0: case 1: case 2: case 3:
        random_mmap();
        break;
    case 4:
        if (percent(4)) len = TASK - address + 1 + chance(9000); /* refused: never as far as this program */
        if (percent(4)) address += chance(PAGE);
        if (percent(2)) address = TASK + chance(3) * PAGE;
        if (percent(2)) len = 0;
        if (address + len > arena + arena_pages * PAGE && len <= TASK - address) len = 1;
        do_munmap(address, len);
        break;
    case 5: case 6:
        if (percent(4)) len = odd_lens[chance(COUNT(odd_lens))];
        if (percent(3)) address += chance(PAGE);
        if (percent(2)) address = 0ul - (1 + chance(3)) * PAGE;
        if (family >= WHOLE && address + len > arena + arena_pages * PAGE) len = PAGE;
        do_mprotect(address, len, some_prot());
        break;
    case 7: case 8: case 9:
        random_mremap();
        break;
    default:
        do_touch(address, number + 1);
    }
}

static uint64_t number_in(const char *path)
{
    char line[32] = "";
    int fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, line, sizeof line - 1) <= 0) _exit(3);
    close(fd);
    return strtoul(line, 0, 10);
}

/* What of this kernel's build and this process's rights decides on places. */
static void say_machine(void)
{
    char *hint = mmap((void *)PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (hint == MAP_FAILED || munmap(hint, PAGE)) _exit(3);
    say("\"lsmMinAddr\":%lu,", (uint64_t)hint < 0x100000 ? (uint64_t)hint : 0ul);
    char *zero = mmap(0, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    say("\"rawIo\":%s,", zero == MAP_FAILED ? "false" : "true");
    if (zero != MAP_FAILED && munmap(zero, PAGE)) _exit(3);
    say("\"hugePages\":%s,", access("/sys/kernel/mm/transparent_hugepage", F_OK) ? "false" : "true");
    say("\"pku\":%s,", strstr(read_smaps("/proc/cpuinfo"), " ospke") ? "true" : "false");
    if (number_in("/proc/sys/vm/overcommit_memory") == 2) _exit(3);
}

/* Fill up to the limit: a reservation, of which every second page gets another protection. */
static void fill(uint64_t place, uint64_t pages, unsigned left)
{
    uint64_t limit = number_in("/proc/sys/vm/max_map_count"), have = 0;
    for (char *at = read_smaps("/proc/self/maps"); (at = strchr(at, '\n')); at++) have++;
    have -= strstr(smaps, "[vsyscall]") != 0;
    if (limit > 70000 || pages < limit + 10) _exit(3);
    do_mmap(place, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, 0, 0);
    have++;
    for (uint64_t p = 1; have + 2 <= limit - left; p += 2, have += 2) do_mprotect(place + p * PAGE, PAGE, PROT_READ);
}

static void header(uint64_t seed)
{
    struct utsname name;
    uname(&name);
    say("{\"trace\":\"overmap\",\"version\":1,\"system\":\"linux\",\"arch\":\"x86_64\",\"policy\":\"linux\",");
    say("\"source\":\"live on Linux %s, seed %lu, family %s\",\"config\":{\"family\":\"%s\",\"pageSize\":4096,", name.release,
        seed, families[family], family == TOUCH ? "touch" : "plain");
    say("\"arena\":\"0x%lx\",\"arenaPages\":%lu,\"taskSize\":\"0x%lx\",", arena, arena_pages, TASK);
    say("\"mmapMinAddr\":%lu,\"maxMapCount\":%lu,", number_in("/proc/sys/vm/mmap_min_addr"),
        number_in("/proc/sys/vm/max_map_count"));
    say_machine();
    if (family >= WHOLE) say("\"mmapBase\":\"0x7ffff7fff000\",");
    say("\"uid\":%u,\"files\":[", geteuid());
    for (unsigned k = 0; k < COUNT(files); k++)
        say("%s{\"id\":\"file:%u\",\"size\":%lu,\"mode\":\"%s\"}", k ? "," : "", k, files[k].size, files[k].mode);
    say("]}}\n");
}

int main(int argc, char **argv)
{
    if (argc < 4) return 2;
    uint64_t seed = strtoul(argv[1], 0, 10), operations = strtoul(argv[2], 0, 10);
    for (family = PLAIN; family < LIMIT && strcmp(argv[3], families[family]); family++);
    if (family >= WHOLE && !(personality(0xffffffff) & ADDR_NO_RANDOMIZE)) {
        /* Begin again without randomisation, and with the stack's limit on which the base of mmap depends. */
        struct rlimit stack = { 8ul << 20, RLIM_INFINITY };
        getrlimit(RLIMIT_STACK, &stack);
        stack.rlim_cur = 8ul << 20;
        if (setrlimit(RLIMIT_STACK, &stack) || personality(ADDR_NO_RANDOMIZE) == -1) return 3;
        if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE)) return 3;
        execv("/proc/self/exe", argv);
        return 3;
    }
    seed_state = seed * 0x9e3779b97f4a7c15ul + 0x1234567;
    for (int k = 0; k < 10; k++) chance(2);
    if (family >= WHOLE) {
        arena_pages = 768;
        arena = 0x7ffff7fff000ul - 0x308000;
    }
    make_files();
    header(seed);
    state();
    if (family == LIMIT) fill(0x100000000000ul, 65560, (unsigned)chance(9));
    if (seed % 4 == 0 && family < WHOLE)
        do_mmap(arena, arena_pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, 0, 0);
    for (uint64_t n = 0; n < operations; n++) {
        random_call(n);
        if (n % 10 == 9 && family != LIMIT) state();
        if (n % 50 == 49 && family == TOUCH) tags();
    }
    state();
    if (family == TOUCH) tags();
    flush_out();
    return 0;
}
