/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One line of a trace, built in a buffer on the stack.
 */
#ifndef OVERMAP_CAPTURE_LINE_H
#define OVERMAP_CAPTURE_LINE_H

/* Bytes of a line. A record without its site has at most 330, a site at most 300. */
#define OVERMAP_LINE 768
/* Most characters of a file's path, of which the end is kept, and of a name. */
#define OVERMAP_FILE 160
#define OVERMAP_NAME 64
/* Numbers of a trace are below 2^53. */
#define OVERMAP_MOST_NUMBER 0x1fffffffffffffull

struct overmap_line {
    unsigned long length;
    /* It did not fit, or has a number that a trace cannot hold: it is not put. */
    int broken;
    char text[OVERMAP_LINE];
};

void overmap_add(struct overmap_line *line, const char *text);
void overmap_add_number(struct overmap_line *line, unsigned long long number);
void overmap_add_hex(struct overmap_line *line, unsigned long long number);
void overmap_add_text(struct overmap_line *line, const char *text, unsigned most);
void overmap_add_key(struct overmap_line *line, const char *key, unsigned long long number);
void overmap_add_address(struct overmap_line *line, const char *key, unsigned long long address);
void overmap_start_line(struct overmap_line *line, const char *key, const char *value);

static inline void overmap_add_char(struct overmap_line *line, char c)
{
    if (line->length < OVERMAP_LINE) {
        line->text[line->length++] = c;
    } else {
        line->broken = 1;
    }
}

OVERMAP_RECORDER void overmap_add(struct overmap_line *line, const char *text)
{
    for (; *text != '\0'; text++) {
        overmap_add_char(line, *text);
    }
}

/* In decimal, without a division: 64-bit ones need a library on 32-bit machines. */
OVERMAP_RECORDER void overmap_add_number(struct overmap_line *line, unsigned long long number)
{
    static const unsigned long long powers[] = {
        1000000000000000ull, 100000000000000ull, 10000000000000ull, 1000000000000ull, 100000000000ull, 10000000000ull,
        1000000000ull,       100000000ull,       10000000ull,       1000000ull,       100000ull,       10000ull,
        1000ull,             100ull,             10ull,             1ull,
    };
    int begun = 0;
    unsigned power;

    if (number > OVERMAP_MOST_NUMBER) {
        line->broken = 1;
        return;
    }
    for (power = 0; power < sizeof powers / sizeof powers[0]; power++) {
        char digit = '0';
        for (; number >= powers[power]; number -= powers[power]) {
            digit++;
        }
        begun |= digit != '0' || powers[power] == 1;
        if (begun) {
            overmap_add_char(line, digit);
        }
    }
}

/* In quotes, as addresses stand in a trace. */
OVERMAP_RECORDER void overmap_add_hex(struct overmap_line *line, unsigned long long number)
{
    int shift = 60;

    overmap_add(line, "\"0x");
    while (shift > 0 && (number >> shift) == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        overmap_add_char(line, "0123456789abcdef"[(number >> shift) & 15]);
    }
    overmap_add_char(line, '"');
}

/* In quotes; at most so many characters. */
OVERMAP_RECORDER void overmap_add_text(struct overmap_line *line, const char *text, unsigned most)
{
    overmap_add_char(line, '"');
    for (; *text != '\0' && most > 0; text++, most--) {
        if (*text == '"' || *text == '\\') {
            overmap_add_char(line, '\\');
        }
        overmap_add_char(line, (unsigned char)*text < 0x20 ? '?' : *text);
    }
    overmap_add_char(line, '"');
}

OVERMAP_RECORDER void overmap_add_key(struct overmap_line *line, const char *key, unsigned long long number)
{
    overmap_add(line, ",\"");
    overmap_add(line, key);
    overmap_add(line, "\":");
    overmap_add_number(line, number);
}

OVERMAP_RECORDER void overmap_add_address(struct overmap_line *line, const char *key, unsigned long long address)
{
    overmap_add(line, ",\"");
    overmap_add(line, key);
    overmap_add(line, "\":");
    overmap_add_hex(line, address);
}

/* A line begins with an object and its first key. */
OVERMAP_RECORDER void overmap_start_line(struct overmap_line *line, const char *key, const char *value)
{
    line->length = 0;
    line->broken = 0;
    overmap_add(line, "{\"");
    overmap_add(line, key);
    overmap_add(line, "\":\"");
    overmap_add(line, value);
    overmap_add_char(line, '"');
}

#endif
