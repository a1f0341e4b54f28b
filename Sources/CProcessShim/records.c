// SPDX-License-Identifier: Apache-2.0

// The files that tell a later agent what became of the task, and small helpers around files and clocks.

#include "shim.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "CProcessShim.h"

int64_t clock_now(int clock) {
  struct timespec now;
  clock_gettime((clockid_t)clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int open_private(int directory, const char *name, int flags) {
  return openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
}

bool write_all(int fd, const void *bytes, size_t count) {
  const char *rest = bytes;
  while (count > 0) {
    ssize_t done = write(fd, rest, count);
    if (done < 0 && errno == EINTR) {
      continue;
    }
    if (done <= 0) {
      return false;
    }
    rest += done;
    count -= (size_t)done;
  }
  return true;
}

// Whoever reads `name` sees all of the text or none of it. With `durable` that holds across a loss of power, too.
static int write_atomically(int directory, const char *name, const char *text, bool durable) {
  char temporary[32];
  snprintf(temporary, sizeof temporary, "%s.new", name);
  int fd = open_private(directory, temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) {
    return -1;
  }
  bool good = write_all(fd, text, strlen(text)) && (!durable || fsync(fd) == 0);
  int error = errno;
  close(fd);
  if (good && renameat(directory, temporary, directory, name) == 0 && (!durable || fsync(directory) == 0)) {
    return 0;
  }
  error = good ? errno : error;
  unlinkat(directory, temporary, 0);
  errno = error;
  return -1;
}

// Needs no fsync: after a loss of power the boot id no longer matches, so an empty or missing file says the same.
int records_write_pid(int directory, pid_t task, int64_t started) {
  char boot[40], text[256];
  swarm_boot_id(boot);
  snprintf(text, sizeof text, "swarm-pid 1\nboot %s\nshim %d %llu\ntask %d %llu\nstarted %lld\n", boot, (int)getpid(),
           (unsigned long long)swarm_process_start_time(getpid()), (int)task,
           (unsigned long long)swarm_process_start_time(task), (long long)started);
  return write_atomically(directory, "pid", text, false);
}

// Tries for a while: a full disk may become less full, and without this file the exit status is lost.
int records_write_status(int directory, const struct ending *ending) {
  char text[256];
  snprintf(text, sizeof text, "swarm-status 1\ncause %s\ncode %d\nsignal %d\nerrno %d\nexited %lld\n%s", ending->cause,
           ending->code, ending->signal, ending->error, (long long)ending->at, ending->out_of_memory ? "oom 1\n" : "");
  for (int attempt = 0; attempt < 30; attempt++) {
    if (write_atomically(directory, "status", text, true) == 0) {
      return 0;
    }
    if (errno != ENOSPC && errno != EDQUOT && errno != EIO && errno != EMFILE && errno != ENFILE) {
      break;
    }
    struct timespec second = {1, 0};
    nanosleep(&second, NULL);
  }
  return -1;
}

bool records_exist(int directory) {
  struct stat info;
  return fstatat(directory, "pid", &info, AT_SYMLINK_NOFOLLOW) == 0 ||
         fstatat(directory, "status", &info, AT_SYMLINK_NOFOLLOW) == 0;
}

// The content is the deadline, twice, in a fixed width: the agent overwrites it in place, and a reader that
// comes in the middle of it sees two different numbers.
bool lease_read(int fd, int64_t *deadline) {
  char text[64];
  for (int attempt = 0; attempt < 3; attempt++) {
    ssize_t count = pread(fd, text, sizeof text - 1, 0);
    if (count > 0) {
      long long first, second;
      text[count] = 0;
      if (sscanf(text, "swarm-lease 1 %20lld %20lld\n", &first, &second) == 2 && first == second) {
        *deadline = first;
        return true;
      }
    }
    struct timespec pause = {0, 5000000};
    nanosleep(&pause, NULL);
  }
  return false;
}

#endif
