/* Stand between a process and the calls that change files, below one folder.
 *
 * Loaded with LD_PRELOAD. Each call that touches the watched folder and is of a kind in the mask counts; at the chosen
 * count the process is killed before it, after it or in the midst of it, or the call is cut short or fails. With a
 * trace, every change that the system took is also written down in order, for power cuts to be played back from.
 * Linux: a descriptor's file is looked up in /proc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 4, RENAME = 8, UNLINK = 16, CREATE = 32, FOLDER = 64, READ = 128 };
enum { SECTOR = 512 };
enum { NOTHING, KILL_BEFORE, KILL_AFTER, TEAR, CUT_SHORT, FAIL };

static struct {
    char folder[PATH_MAX];
    size_t length;
    int action, mask, error, lasts, trace;
    long at, count;
    double share;
} plan = {.trace = -1};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

/* ---- what Python sets ---- */

void faults_arm(const char *folder, int action, int mask, long at, double share, int error, int lasts) {
    pthread_mutex_lock(&guard);
    plan.length = strlen(folder);
    memcpy(plan.folder, folder, plan.length + 1);
    plan.action = action, plan.mask = mask, plan.at = at, plan.share = share, plan.error = error, plan.lasts = lasts;
    plan.count = 0;
    pthread_mutex_unlock(&guard);
}

void faults_trace(int descriptor) { plan.trace = descriptor; }

/* Memory that outlives the process: what was struck. */
static struct report {
    int64_t kind;
    char path[248];
} *report;

void faults_report(void *memory) { report = memory; }

static void note(char kind, const char *path, const char *to, int64_t at, const void *data, int64_t length) {
    if (plan.trace < 0) return;
    struct __attribute__((packed)) { char kind; uint16_t path, to; int64_t at, length; } head;
    head.kind = kind, head.path = strlen(path), head.to = strlen(to), head.at = at, head.length = length;
    struct iovec parts[] = {
        {&head, sizeof head}, {(void *)path, head.path}, {(void *)to, head.to}, {(void *)data, data ? length : 0}};
    syscall(SYS_writev, plan.trace, parts, 4);
}

void faults_mark(long number) {
    pthread_mutex_lock(&guard);
    note('M', "", "", number, NULL, 0);
    pthread_mutex_unlock(&guard);
}

/* ---- which file, and whether it is the one ---- */

static int is_watched(const char *path) {
    return plan.length && !strncmp(path, plan.folder, plan.length) &&
           (path[plan.length] == '/' || path[plan.length] == 0);
}

static int path_of(int descriptor, char *path) {
    char link[64];
    if (!plan.length) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    const char gone[] = " (deleted)";
    size_t tail = sizeof gone - 1;
    return is_watched(path) && !((size_t)length > tail && !strcmp(path + length - tail, gone));
}

static int path_at(int folder, const char *name, char *path) {
    if (!plan.length) return 0;
    if (name[0] == '/' || folder == AT_FDCWD) {
        if (strlen(name) >= PATH_MAX) return 0;
        strcpy(path, name);
        return is_watched(path);
    }
    if (!path_of(folder, path) || strlen(path) + strlen(name) + 2 > PATH_MAX) return 0;
    strcat(strcat(path, "/"), name);
    return 1;
}

/* ---- the fault itself ---- */

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* Count the call; return what is to happen to it. A kill before it happens here. */
static int strike(int kind, const char *path) {
    if (plan.action == NOTHING || !(plan.mask & kind)) return NOTHING;
    plan.count++;
    if (plan.count < plan.at || plan.count - plan.at >= plan.lasts) return NOTHING;
    if (report && !report->kind) {
        report->kind = kind;
        strncpy(report->path, path + plan.length, sizeof report->path - 1);
    }
    if (plan.action == KILL_BEFORE || (plan.action == TEAR && kind != WRITE)) die();
    return plan.action;
}

/* Run a call that takes effect whole. `seen` says whether it concerns the folder; `told` writes it into the trace. */
#define GUARDED(kind, seen, call, told)                                                                            \
    do {                                                                                                           \
        int result, now;                                                                                           \
        if (!(seen)) return call;                                                                                  \
        pthread_mutex_lock(&guard);                                                                                \
        now = strike(kind, path);                                                                                        \
        if (now == FAIL) {                                                                                         \
            result = -1, errno = plan.error;                                                                       \
        } else {                                                                                                   \
            result = call;                                                                                         \
            int kept = errno;                                                                                      \
            if (result >= 0) { told; }                                                                             \
            errno = kept;                                                                                          \
        }                                                                                                          \
        if (now == KILL_AFTER) die();                                                                              \
        pthread_mutex_unlock(&guard);                                                                              \
        return result;                                                                                             \
    } while (0)

/* How much of a write is done: all of it, any part of it, or as much as ends between two of the disk's sectors. */
static size_t part_of(size_t size, off_t from, int action) {
    size_t part = size > 1 ? 1 + (size_t)(plan.share * (size - 1)) : size;
    if (action == CUT_SHORT) return part;
    if (action != TEAR) return size;
    off_t end = (from + (off_t)part) / SECTOR * SECTOR;
    return end > from ? (size_t)(end - from) : 0;
}

/* Write at a place; -1 stands for the descriptor's own. */
static ssize_t guarded_write(int descriptor, const char *path, const void *data, size_t size, off_t at) {
    pthread_mutex_lock(&guard);
    int now = strike(WRITE, path);
    off_t from = at >= 0 ? at : lseek(descriptor, 0, SEEK_CUR);
    size_t part = part_of(size, from, now);
    ssize_t n = -1;
    if (now == FAIL) {
        errno = plan.error;
    } else if (part || !size) {
        n = at >= 0 ? syscall(SYS_pwrite64, descriptor, data, part, at) : syscall(SYS_write, descriptor, data, part);
    }
    int kept = errno;
    if (n > 0) note('W', path, "", from, data, n);
    if (now == TEAR || now == KILL_AFTER) die();
    pthread_mutex_unlock(&guard);
    errno = kept;
    return n;
}

ssize_t write(int descriptor, const void *data, size_t size) {
    char path[PATH_MAX];
    if (!path_of(descriptor, path)) return syscall(SYS_write, descriptor, data, size);
    return guarded_write(descriptor, path, data, size, -1);
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t at) {
    char path[PATH_MAX];
    if (!path_of(descriptor, path)) return syscall(SYS_pwrite64, descriptor, data, size, at);
    return guarded_write(descriptor, path, data, size, at);
}

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t at) { return pwrite64(descriptor, data, size, at); }

static int refuses_to_read(int descriptor) {
    char path[PATH_MAX];
    if (!(plan.mask & READ) || !path_of(descriptor, path)) return 0;
    pthread_mutex_lock(&guard);
    int now = strike(READ, path);
    if (now == KILL_AFTER || now == TEAR) die();
    pthread_mutex_unlock(&guard);
    if (now == FAIL) errno = plan.error;
    return now == FAIL;
}

ssize_t read(int descriptor, void *data, size_t size) {
    return refuses_to_read(descriptor) ? -1 : syscall(SYS_read, descriptor, data, size);
}

ssize_t pread64(int descriptor, void *data, size_t size, off64_t at) {
    return refuses_to_read(descriptor) ? -1 : syscall(SYS_pread64, descriptor, data, size, at);
}

ssize_t pread(int descriptor, void *data, size_t size, off_t at) { return pread64(descriptor, data, size, at); }

int fsync(int descriptor) {
    char path[PATH_MAX];
    GUARDED(SYNC, path_of(descriptor, path), syscall(SYS_fsync, descriptor), note('S', path, "", 0, NULL, 0));
}

int fdatasync(int descriptor) {
    char path[PATH_MAX];
    GUARDED(SYNC, path_of(descriptor, path), syscall(SYS_fdatasync, descriptor), note('S', path, "", 0, NULL, 0));
}

int ftruncate64(int descriptor, off64_t size) {
    char path[PATH_MAX];
    GUARDED(TRUNCATE, path_of(descriptor, path), syscall(SYS_ftruncate, descriptor, size),
            note('T', path, "", size, NULL, 0));
}

int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    char path[PATH_MAX], target[PATH_MAX];
    int seen = path_at(from_folder, from, path) && path_at(to_folder, to, target);
    GUARDED(RENAME, seen, syscall(SYS_renameat2, from_folder, from, to_folder, to, 0),
            note('R', path, target, 0, NULL, 0));
}

int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    GUARDED(UNLINK, path_at(folder, name, path), syscall(SYS_unlinkat, folder, name, flags),
            note('U', path, "", 0, NULL, 0));
}

int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }

int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int mkdirat(int folder, const char *name, mode_t mode) {
    char path[PATH_MAX];
    GUARDED(FOLDER, path_at(folder, name, path), syscall(SYS_mkdirat, folder, name, mode),
            note('D', path, "", 0, NULL, 0));
}

int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

static int guarded_open(int folder, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    struct stat there;
    int is_new = flags & O_CREAT && path_at(folder, name, path) && fstatat(folder, name, &there, 0) != 0;
    int is_cut = !is_new && flags & O_TRUNC && path_at(folder, name, path);
    GUARDED(CREATE, is_new || is_cut, syscall(SYS_openat, folder, name, flags, mode),
            note(is_new ? 'C' : 'T', path, "", 0, NULL, 0));
}

#define OPENED(folder, name, flags)                                                                                \
    mode_t mode = 0;                                                                                               \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                                                         \
        va_list rest;                                                                                              \
        va_start(rest, flags);                                                                                     \
        mode = va_arg(rest, mode_t);                                                                               \
        va_end(rest);                                                                                              \
    }                                                                                                              \
    return guarded_open(folder, name, flags, mode)

int open64(const char *name, int flags, ...) { OPENED(AT_FDCWD, name, flags); }
int open(const char *name, int flags, ...) { OPENED(AT_FDCWD, name, flags); }
int openat64(int folder, const char *name, int flags, ...) { OPENED(folder, name, flags); }
int openat(int folder, const char *name, int flags, ...) { OPENED(folder, name, flags); }
