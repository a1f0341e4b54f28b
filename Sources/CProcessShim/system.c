// SPDX-License-Identifier: Apache-2.0

// System calls that the runtime needs and Swift can't make by itself.

#include "shim.h"

#include <errno.h>

#include "CProcessShim.h"

#ifdef __linux__

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int swarm_pidfd_open(pid_t pid) {
  return (int)syscall(SYS_pidfd_open, pid, 0);
}

int swarm_pidfd_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int swarm_shim_stop(int pidfd, int signal, uint64_t grace) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = SIGRTMIN + SWARM_SHIM_STOP_OFFSET;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
#if UINTPTR_MAX == UINT64_MAX
  const uint64_t longest = UINT64_MAX >> 8;
#else
  const uint64_t longest = UINT32_MAX >> 8;
#endif
  info.si_value.sival_ptr = (void *)(uintptr_t)((grace < longest ? grace : longest) << 8 | (uint64_t)(signal & 0xff));
  return (int)syscall(SYS_pidfd_send_signal, pidfd, info.si_signo, &info, 0);
}

void swarm_pidfd_reap(int pidfd) {
  siginfo_t info;
  while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0 && errno == EINTR) {
  }
}

void swarm_boot_id(char into[40]) {
  into[0] = 0;
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    ssize_t count = read(fd, into, 36);
    into[count > 0 ? count : 0] = 0;
    close(fd);
  }
}

int64_t swarm_boottime(void) {
  return clock_now(CLOCK_BOOTTIME);
}

// Locks of open file descriptions: unlike the classic ones they don't vanish when any other descriptor of the
// file is closed.
static struct flock whole_file(void) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

int swarm_lock(int fd) {
  struct flock lock = whole_file();
  int result = fcntl(fd, F_OFD_SETLK, &lock);
  if (result != 0 && errno == EACCES) {
    errno = EAGAIN;
  }
  return result;
}

void swarm_unlock(int fd) {
  struct flock lock = whole_file();
  lock.l_type = F_UNLCK;
  fcntl(fd, F_OFD_SETLK, &lock);
}

int swarm_is_locked(int fd) {
  struct flock lock = whole_file();
  if (fcntl(fd, F_OFD_GETLK, &lock) != 0) {
    return -1;
  }
  return lock.l_type != F_UNLCK;
}

struct process {
  char state;
  int parent;
  int session;
  unsigned long long start;
};

static bool read_process(pid_t pid, struct process *into) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  if (count <= 0) {
    return false;
  }
  text[count] = 0;
  // The second field is the command in parentheses and may hold anything, parentheses included.
  const char *rest = strrchr(text, ')');
  return rest != NULL &&
         sscanf(rest + 1, " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                &into->state, &into->parent, &into->session, &into->start) == 4;
}

static bool has_ended(const struct process *process) {
  return process->state == 'Z' || process->state == 'X';
}

uint64_t swarm_process_start_time(pid_t pid) {
  struct process process;
  return read_process(pid, &process) && !has_ended(&process) ? process.start : 0;
}

// Calls back for every process that can be seen; returns the sum of the answers.
static int for_each_process(int (*body)(pid_t, const struct process *, const void *), const void *context) {
  DIR *list = opendir("/proc");
  if (list == NULL) {
    return -1;
  }
  int sum = 0;
  struct dirent *entry;
  while ((entry = readdir(list)) != NULL) {
    struct process process;
    pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
    if (pid > 1 && read_process(pid, &process) && !has_ended(&process)) {
      sum += body(pid, &process, context);
    }
  }
  closedir(list);
  return sum;
}

static int kill_child(pid_t pid, const struct process *process, const void *context) {
  return process->parent == *(const pid_t *)context && kill(pid, SIGKILL) == 0;
}

void kill_children(void) {
  pid_t self = getpid();
  for_each_process(kill_child, &self);
}

struct session {
  pid_t id;
  uint64_t since;
};

static bool is_member(const struct process *process, const struct session *session) {
  return process->session == session->id && process->start >= session->since;
}

static int kill_member(pid_t pid, const struct process *process, const void *context) {
  const struct session *session = context;
  if (!is_member(process, session)) {
    return 0;
  }
  int pidfd = swarm_pidfd_open(pid);
  if (pidfd < 0) {
    return 0;
  }
  // Looked at again now that the descriptor holds on to it: the id may have changed hands.
  struct process again;
  int killed = read_process(pid, &again) && is_member(&again, session) && swarm_pidfd_signal(pidfd, SIGKILL) == 0;
  close(pidfd);
  return killed;
}

// A session's id isn't given to a new process while the session has members: what is found belongs to it, or
// to a later session, and then its leader is alive.
int swarm_kill_session(pid_t id, uint64_t since) {
  if (id <= 1 || swarm_process_start_time(id) != 0) {
    return 0;
  }
  struct session session = {id, since};
  return for_each_process(kill_member, &session);
}

#else

int swarm_pidfd_open(pid_t pid) { errno = ENOSYS; return -1; }
int swarm_pidfd_signal(int pidfd, int signal) { errno = ENOSYS; return -1; }
int swarm_shim_stop(int pidfd, int signal, uint64_t grace) { errno = ENOSYS; return -1; }
void swarm_pidfd_reap(int pidfd) {}
int64_t swarm_boottime(void) { return 0; }
void swarm_boot_id(char into[40]) { into[0] = 0; }
int swarm_lock(int fd) { errno = ENOSYS; return -1; }
void swarm_unlock(int fd) {}
int swarm_is_locked(int fd) { errno = ENOSYS; return -1; }
uint64_t swarm_process_start_time(pid_t pid) { return 0; }
int swarm_kill_session(pid_t session, uint64_t since) { return 0; }

#endif
