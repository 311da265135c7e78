/* Copies an image into frames through one window. */
#include "map.h"

#define WINDOW 0x10000000UL

void copy_image(const seL4_CPtr *frames, int n, const char *image)
{
    for (int i = 0; i < n; i++) {
        int error = map_page(frames[i], WINDOW);
        if (error) {
            printf("page %d: error %d\n", i, error);
        }
        memcpy((void *)WINDOW, image + i * PAGE_SIZE, PAGE_SIZE);
    }
}

int map_range(const seL4_CPtr *frames, int n, seL4_Word start)
{
    reserve(start, n);
    for (int i = 0; i < n; i++) {
        int error = map_page(frames[i], start + i * PAGE_SIZE);
        if (error) {
            return error;
        }
    }
    return 0;
}
