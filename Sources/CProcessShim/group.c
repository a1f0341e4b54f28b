// SPDX-License-Identifier: Apache-2.0

// Control groups (cgroup v2), as far as shims have to do with them: the runtime makes them and sets their limits.

#include "shim.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_in_group(const char *group, const char *name, int flags) {
  char path[4200];
  int length = snprintf(path, sizeof path, "%s/%s", group, name);
  if (length < 0 || (size_t)length >= sizeof path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  return open(path, flags | O_CLOEXEC);
}

int group_enter(const char *group) {
  if (group == NULL) {
    return 0;
  }
  int fd = open_in_group(group, "cgroup.procs", O_WRONLY);
  if (fd < 0) {
    return -1;
  }
  // Zero is whoever writes it.
  bool good = write_all(fd, "0", 1);
  int error = errno;
  close(fd);
  errno = error;
  return good ? 0 : -1;
}

bool group_ran_out_of_memory(const char *group) {
  if (group == NULL) {
    return false;
  }
  int fd = open_in_group(group, "memory.events", O_RDONLY);
  if (fd < 0) {
    return false;
  }
  char text[512];
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  text[count > 0 ? count : 0] = 0;
  const char *kills = strstr(text, "oom_kill ");
  return kills != NULL && strtoull(kills + strlen("oom_kill "), NULL, 10) > 0;
}

#endif
