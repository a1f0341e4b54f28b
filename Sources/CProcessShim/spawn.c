// SPDX-License-Identifier: Apache-2.0

// How the runtime starts shims, and what commands beside tasks are connected with.

#include "shim.h"

#include <errno.h>

#include "CProcessShim.h"

#ifdef __linux__

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// The descriptors that a shim begins with: `count` of them become 0, 1, 2 …
static int add_descriptors(posix_spawn_file_actions_t *actions, const int *descriptors, int count) {
  for (int number = 0; number < count; number++) {
    int error = descriptors[number] < 0
                    ? posix_spawn_file_actions_addopen(actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
                    : posix_spawn_file_actions_adddup2(actions, descriptors[number], number);
    if (error != 0) {
      return error;
    }
  }
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 34)
  return posix_spawn_file_actions_addclosefrom_np(actions, count);
#endif
#endif
  return 0;
}

// Executes the host's own program once more, as a shim.
//
//   value        of the variable that makes a shim of it
//   descriptors  those that it gets, by number; -1 is /dev/null. None of them may be one of the numbers 0 to count - 1.
static pid_t spawn(const char *value, const char *name, const int *descriptors, int count) {
  char variable[4200], libraries[4200];
  int length = snprintf(variable, sizeof variable, "%s=%s", SWARM_SHIM_VARIABLE, value);
  if (length < 0 || (size_t)length >= sizeof variable) {
    errno = ENAMETOOLONG;
    return -1;
  }
  // The dynamic loader needs to find the program's libraries once more; nothing else of the host's
  // environment is handed on.
  char *environment[] = {variable, NULL, NULL};
  const char *library_path = getenv("LD_LIBRARY_PATH");
  if (library_path != NULL) {
    length = snprintf(libraries, sizeof libraries, "LD_LIBRARY_PATH=%s", library_path);
    if (length >= 0 && (size_t)length < sizeof libraries) {
      environment[1] = libraries;
    }
  }
  char *arguments[] = {"swarm-task", (char *)name, NULL};

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) {
    errno = error;
    return -1;
  }
  error = posix_spawnattr_init(&attributes);
  if (error != 0) {
    posix_spawn_file_actions_destroy(&actions);
    errno = error;
    return -1;
  }
  // A session of its own from the first instant: a ^C at the agent's terminal doesn't reach it. All signals
  // blocked, so that none can end it before it listens to them.
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  error = add_descriptors(&actions, descriptors, count);
  if (error == 0) {
    // The link leads to the running program even when its file was replaced or deleted since.
    error = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments, environment);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return pid;
}

enum { most_descriptors = 5 };

// Copies of descriptors with numbers that the spawned process's own don't overwrite. All or none.
static int lift(const int *descriptors, int *lifted, int count) {
  for (int i = 0; i < count; i++) {
    lifted[i] = descriptors[i] < 0 ? -1 : fcntl(descriptors[i], F_DUPFD_CLOEXEC, most_descriptors);
    if (descriptors[i] >= 0 && lifted[i] < 0) {
      int error = errno;
      while (i-- > 0) {
        close(lifted[i]);
      }
      errno = error;
      return -1;
    }
  }
  return 0;
}

static pid_t spawn_lifted(const char *value, const char *name, const int *descriptors, int count) {
  int lifted[most_descriptors];
  if (lift(descriptors, lifted, count) != 0) {
    return -1;
  }
  pid_t pid = spawn(value, name, lifted, count);
  int error = errno;
  for (int i = 0; i < count; i++) {
    if (lifted[i] >= 0) {
      close(lifted[i]);
    }
  }
  errno = error;
  return pid;
}

pid_t swarm_shim_spawn(const char *directory, const char *name, int *report) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return -1;
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  pid_t pid = spawn_lifted(directory, name, (int[]){-1, ends[1], -1}, 3);
  int error = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    errno = error;
    return -1;
  }
  *report = ends[0];
  return pid;
}

pid_t swarm_exec_spawn(const char *name, int instructions, int input, int output, int errors, int *control) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return -1;
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  pid_t pid = spawn_lifted(SWARM_SHIM_EXEC, name, (int[]){input, output, errors, ends[1], instructions}, 5);
  int error = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    errno = error;
    return -1;
  }
  *control = ends[0];
  return pid;
}

int swarm_memory_file(const void *bytes, size_t count) {
  int fd = memfd_create("swarm-instructions", MFD_CLOEXEC);
  if (fd >= 0 && (!write_all(fd, bytes, count) || lseek(fd, 0, SEEK_SET) != 0)) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

int swarm_pipe(int *read_end, int *write_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return -1;
  }
  *read_end = ends[0];
  *write_end = ends[1];
  return 0;
}

int swarm_terminal_open(int *command_end) {
  int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (terminal < 0) {
    return -1;
  }
  char name[128];
  if (grantpt(terminal) == 0 && unlockpt(terminal) == 0 && ptsname_r(terminal, name, sizeof name) == 0) {
    *command_end = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*command_end >= 0) {
      return terminal;
    }
  }
  int error = errno;
  close(terminal);
  errno = error;
  return -1;
}

int swarm_terminal_resize(int terminal, uint16_t columns, uint16_t rows) {
  struct winsize size = {.ws_col = columns, .ws_row = rows};
  return ioctl(terminal, TIOCSWINSZ, &size);
}

int swarm_unblock(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

// The signal is blocked for this thread, and taken away if it came; a host that has it ignored never gets it.
ssize_t swarm_write(int fd, const void *bytes, size_t count) {
  sigset_t broken_pipe, before, pending;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  ssize_t result = write(fd, bytes, count);
  int error = errno;
  if (result < 0 && error == EPIPE && !sigismember(&pending, SIGPIPE)) {
    sigtimedwait(&broken_pipe, NULL, &(struct timespec){0, 0});
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return result;
}

#else

pid_t swarm_shim_spawn(const char *directory, const char *name, int *report) {
  errno = ENOSYS;
  return -1;
}
pid_t swarm_exec_spawn(const char *name, int instructions, int input, int output, int errors, int *control) {
  errno = ENOSYS;
  return -1;
}
int swarm_memory_file(const void *bytes, size_t count) { errno = ENOSYS; return -1; }
int swarm_pipe(int *read_end, int *write_end) { errno = ENOSYS; return -1; }
int swarm_terminal_open(int *command_end) { errno = ENOSYS; return -1; }
int swarm_terminal_resize(int terminal, uint16_t columns, uint16_t rows) { errno = ENOSYS; return -1; }
ssize_t swarm_write(int fd, const void *bytes, size_t count) { errno = ENOSYS; return -1; }
int swarm_unblock(int fd) { errno = ENOSYS; return -1; }

#endif
