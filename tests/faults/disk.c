/* A disk that refuses, loaded with LD_PRELOAD: counts the calls that write below one folder, and makes the chosen one fail.
 *
 * disk_arm(folder, call, error, lasting): the call of that number (from 1; 0 for none) ends with that errno, or, for error 0, writes half
 * of its bytes, as write(2) may; with `lasting` all calls behind it end so too. disk_disarm() returns how many calls there were.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[4096];
static int calls, chosen, number, lasting;

void disk_arm(const char *below, int call, int error, int for_good)
{
    calls = 0, chosen = call, number = error, lasting = for_good;
    snprintf(folder, sizeof folder, "%s", below);
}

int disk_disarm(void)
{
    folder[0] = 0;
    return calls;
}

static int inside(const char *path)
{
    return folder[0] && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int inside_file(int file)
{
    char link[64], path[4096];
    if (!folder[0])
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0)
        return 0;
    path[size] = 0;
    return inside(path);
}

/* Counts a call; whether it is to fail. */
static int struck(int here)
{
    if (!here)
        return 0;
    calls++;
    return chosen && (calls == chosen || (lasting && calls > chosen));
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define REFUSE(here)                                                                                                                       \
    if (struck(here) && number) {                                                                                                          \
        errno = number;                                                                                                                    \
        return -1;                                                                                                                         \
    }
#define HALVE(here, size)                                                                                                                  \
    if (struck(here)) {                                                                                                                    \
        if (number) {                                                                                                                      \
            errno = number;                                                                                                                \
            return -1;                                                                                                                     \
        }                                                                                                                                  \
        size = size > 1 ? size / 2 : size;                                                                                                 \
    }

ssize_t write(int file, const void *data, size_t size)
{
    HALVE(inside_file(file), size)
    return REAL(write)(file, data, size);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t place)
{
    HALVE(inside_file(file), size)
    return REAL(pwrite)(file, data, size, place);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t place)
{
    HALVE(inside_file(file), size)
    return REAL(pwrite64)(file, data, size, place);
}

ssize_t copy_file_range(int from, off64_t *here, int file, off64_t *there, size_t size, unsigned flags)
{
    HALVE(inside_file(file), size)
    return REAL(copy_file_range)(from, here, file, there, size, flags);
}

ssize_t sendfile64(int file, int from, off64_t *here, size_t size)
{
    HALVE(inside_file(file), size)
    return REAL(sendfile64)(file, from, here, size);
}

ssize_t sendfile(int file, int from, off_t *here, size_t size)
{
    HALVE(inside_file(file), size)
    return REAL(sendfile)(file, from, here, size);
}

int fsync(int file)
{
    REFUSE(inside_file(file))
    return REAL(fsync)(file);
}

int ftruncate(int file, off_t size)
{
    REFUSE(inside_file(file))
    return REAL(ftruncate)(file, size);
}

int ftruncate64(int file, off64_t size)
{
    REFUSE(inside_file(file))
    return REAL(ftruncate64)(file, size);
}

int link(const char *from, const char *to)
{
    REFUSE(inside(to))
    return REAL(link)(from, to);
}

int linkat(int place, const char *from, int other, const char *to, int flags)
{
    REFUSE(inside(to))
    return REAL(linkat)(place, from, other, to, flags);
}

int rename(const char *from, const char *to)
{
    REFUSE(inside(to))
    return REAL(rename)(from, to);
}

static mode_t mode_of(int flags, va_list rest)
{
    return flags & O_CREAT ? (mode_t)va_arg(rest, int) : 0;
}

#define OPENING(name)                                                                                                                      \
    int name(const char *path, int flags, ...)                                                                                             \
    {                                                                                                                                      \
        va_list rest;                                                                                                                      \
        va_start(rest, flags);                                                                                                             \
        mode_t mode = mode_of(flags, rest);                                                                                                \
        va_end(rest);                                                                                                                      \
        REFUSE((flags & O_ACCMODE) != O_RDONLY && inside(path))                                                                            \
        return REAL(name)(path, flags, mode);                                                                                              \
    }

OPENING(open)
OPENING(open64)
