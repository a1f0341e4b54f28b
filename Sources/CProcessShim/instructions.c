// SPDX-License-Identifier: Apache-2.0

// Reads what the runtime wants run.
//
// The file is a sequence of NUL-terminated strings: the format's name, then fields whose first character says
// what they are, then "Z". The end mark tells a complete file from a cut one; an unknown field is refused,
// because running a task without something that was asked for is worse than not running it.

#include "shim.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { maximum_size = 4 * 1024 * 1024 };

static char *read_file(int fd, size_t *size) {
  struct stat info;
  if (fstat(fd, &info) != 0) {
    return NULL;
  }
  if (!S_ISREG(info.st_mode) || info.st_size > maximum_size) {
    errno = EPERM;
    return NULL;
  }
  size_t expected = (size_t)info.st_size;
  char *bytes = malloc(expected + 1);
  if (bytes == NULL) {
    return NULL;
  }
  size_t count = 0;
  while (count < expected) {
    ssize_t got = read(fd, bytes + count, expected - count);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    count += (size_t)got;
  }
  bytes[count] = 0;
  *size = count;
  return bytes;
}

static bool number(const char *text, uint64_t *into) {
  if (*text < '0' || *text > '9') {
    return false;
  }
  char *end;
  errno = 0;
  *into = strtoull(text, &end, 10);
  return errno == 0 && *end == 0;
}

static int parse(char *bytes, size_t size, struct instructions *into) {
  // No more arguments or variables than strings, so one array of that size is enough for each.
  size_t strings = 0;
  for (size_t i = 0; i < size; i++) {
    strings += bytes[i] == 0;
  }
  if (size == 0 || bytes[size - 1] != 0 || strcmp(bytes, "swarm-task 1") != 0) {
    return EBADMSG;
  }
  into->arguments = calloc(strings + 1, sizeof(char *));
  into->environment = calloc(strings + 1, sizeof(char *));
  if (into->arguments == NULL || into->environment == NULL) {
    return ENOMEM;
  }
  size_t arguments = 0, variables = 0;
  uint64_t value;
  bool complete = false;
  for (char *field = bytes + strlen(bytes) + 1; field < bytes + size; field += strlen(field) + 1) {
    if (complete) {
      return EBADMSG;
    }
    char *text = field + 1;
    switch (field[0]) {
    case 'I': into->task = text; break;
    case 'A': into->arguments[arguments++] = text; break;
    case 'E': into->environment[variables++] = text; break;
    case 'D': into->working_directory = text; break;
    case 'L': into->lease = text; break;
    case 'M':
      if (!number(text, &into->log_limit)) return EBADMSG;
      break;
    case 'N':
      if (!number(text, &into->log_files)) return EBADMSG;
      break;
    case 'S':
      if (!number(text, &value) || value == 0 || value > 64) return EBADMSG;
      into->stop_signal = (int)value;
      break;
    case 'G':
      if (!number(text, &into->stop_grace)) return EBADMSG;
      break;
    case 'C': into->group = text; break;
    case 'T': into->terminal = true; break;
    case 'B': {
      char *space = strchr(text, ' ');
      if (space == NULL) return EBADMSG;
      *space = 0;
      if (!number(text, &value) || value <= 1 || value > INT32_MAX || !number(space + 1, &into->beside_since)) return EBADMSG;
      // Cut in two, the field is two strings; the loop goes on behind the second.
      into->beside = (pid_t)value;
      field = space + 1;
      break;
    }
    case 'Z': complete = field[1] == 0; break;
    default: return EBADMSG;
    }
  }
  return complete && arguments > 0 && into->working_directory != NULL ? 0 : EBADMSG;
}

static bool is_complete_for_task(const struct instructions *instructions) {
  return instructions->task != NULL && instructions->lease != NULL && instructions->stop_signal != 0 &&
         instructions->log_files != 0;
}

static bool belongs_to_us(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && info.st_uid == geteuid() && (info.st_mode & 077) == 0;
}

int instructions_load(int directory, struct instructions *into) {
  memset(into, 0, sizeof *into);
  int fd = open_private(directory, "instructions", O_RDONLY);
  if (fd < 0) {
    return errno;
  }
  size_t size = 0;
  errno = EPERM;
  char *bytes = belongs_to_us(fd) ? read_file(fd, &size) : NULL;
  int error = bytes == NULL ? errno : parse(bytes, size, into);
  if (error == 0 && !is_complete_for_task(into)) {
    error = EBADMSG;
  }
  close(fd);
  // The environment may hold secrets: it shall not lie on the disk longer than it is needed.
  unlinkat(directory, "instructions", 0);
  return error;
}

int instructions_load_exec(int fd, struct instructions *into) {
  memset(into, 0, sizeof *into);
  size_t size = 0;
  char *bytes = read_file(fd, &size);
  int error = bytes == NULL ? errno : parse(bytes, size, into);
  return error == 0 && into->beside == 0 ? EBADMSG : error;
}

#endif
