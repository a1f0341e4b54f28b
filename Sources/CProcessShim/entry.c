// SPDX-License-Identifier: Apache-2.0

// How a process becomes a shim.

#include "shim.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CProcessShim.h"

extern char **environ;

// Runs before any other constructor of the program itself (lower priorities are reserved), so that nothing of
// the host has started: no thread, no Swift runtime state, no open file beyond what was inherited.
//
// secure_getenv: a program with raised privileges must not be turned into something that runs other people's
// instructions.
__attribute__((constructor(101))) static void swarm_shim_enter(void) {
  const char *value = secure_getenv(SWARM_SHIM_VARIABLE);
  if (value == NULL) {
    return;
  }
  static char directory[4096];
  size_t length = strlen(value);
  bool is_exec = strcmp(value, SWARM_SHIM_EXEC) == 0;
  if (!is_exec && (length == 0 || length >= sizeof directory || value[0] != '/')) {
    _exit(64);
  }
  memcpy(directory, value, length + 1);
  // The task gets exactly the environment that its instructions name; the shim itself needs none.
  static char *nothing[1] = {NULL};
  environ = nothing;
  if (is_exec) {
    exec_run();
  }
  shim_run(directory);
}

// The agent's descriptors (sockets, locks, logs) must not live on in a process that outlives it. The spawn
// closed them already where the C library can; this is for where it can't, and for descriptors above a
// lowered limit.
void close_from(unsigned first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0U) == 0) {
    return;
  }
#endif
  long limit = sysconf(_SC_OPEN_MAX);
  if (limit < 0 || limit > 1048576) {
    limit = 1048576;
  }
  for (int fd = (int)first; fd < limit; fd++) {
    close(fd);
  }
}

void report(const char *format, ...) {
  char line[128];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (length > 0 && (size_t)length < sizeof line) {
    // A runtime that is gone meanwhile doesn't matter: SIGPIPE is blocked, EPIPE ignored.
    (void)!write(STDOUT_FILENO, line, (size_t)length);
  }
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) {
    dup2(null, STDOUT_FILENO);
    close(null);
  } else {
    close(STDOUT_FILENO);
  }
}

static int open_directory(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    return -1;
  }
  // Instructions are only taken from a directory that nobody else can have written to.
  struct stat info;
  if (fstat(fd, &info) != 0 || info.st_uid != geteuid() || (info.st_mode & 077) != 0) {
    close(fd);
    errno = EPERM;
    return -1;
  }
  return fd;
}

void become_watcher(const char *name) {
  // Every signal is taken from a signalfd from here on; SIGKILL and SIGSTOP alone are out of reach.
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  // A host that ignores SIGCHLD hands that down, and ended children would vanish without a status.
  signal(SIGCHLD, SIG_DFL);
  if (getsid(0) != getpid()) {
    setsid();
  }
  prctl(PR_SET_NAME, name, 0, 0, 0);
  // Orphaned descendants become children of the shim instead of init's: they are reaped, and found at the end.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

_Noreturn void shim_run(const char *path) {
  close_from(3);
  become_watcher("swarm-task");
  umask(077);
  (void)!chdir("/");

  int directory = open_directory(path);
  if (directory < 0) {
    report("failed directory %d\n", errno);
    _exit(1);
  }
  // One shim per task, ever: the lock decides between two that start at the same time (an agent that died right after
  // its spawn, and its successor), the records refuse whatever comes later.
  int lock = open_private(directory, "lock", O_RDWR | O_CREAT);
  if (lock < 0) {
    report("failed directory %d\n", errno);
    _exit(1);
  }
  if (swarm_lock(lock) != 0 || records_exist(directory)) {
    report("busy\n");
    _exit(0);
  }
  struct instructions instructions;
  int error = instructions_load(directory, &instructions);
  if (error != 0) {
    report("failed instructions %d\n", error);
    _exit(1);
  }
  _exit(supervise(directory, &instructions));
}

#else

typedef int swarm_shim_needs_linux;

#endif
