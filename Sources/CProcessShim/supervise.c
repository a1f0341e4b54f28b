// SPDX-License-Identifier: Apache-2.0

// The shim's life: starts the task, listens to it, ends it when told to or when nobody cares for it any more,
// and writes down how it ended.
//
// Single-threaded; everything that happens arrives through one poll. The task is a process group whose leader
// is the main process.

#include "shim.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "CProcessShim.h"

enum { from_signals, from_lease, from_grace, from_stdout, from_stderr, sources };

struct shim {
  int directory;
  const struct instructions *instructions;
  struct main_process task;
  struct pollfd poll[sources];
  int lease;               // the lease file
  int64_t deadline;        // boot time, nanoseconds
  struct log_file log;
  struct ending ending;
};

static bool arm(int timer, int64_t deadline) {
  struct itimerspec when = {.it_value = {deadline / 1000000000, deadline % 1000000000}};
  if (deadline <= 0) {
    when.it_value.tv_nsec = 1;
  }
  return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) == 0;
}

// MARK: The child

_Noreturn static void become_task(const struct instructions *instructions, pid_t shim, int go, int failed, int out,
                                  int err) {
  struct failure failure = {'e', 0};
  setpgid(0, 0);
  // A shim that is killed itself takes the main process along; the next agent finds the rest by its session.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  char byte;
  // The shim writes when the record of this process is on the disk: what isn't recorded never runs.
  if (getppid() != shim || read(go, &byte, 1) != 1) {
    _exit(127);
  }
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  umask(022);
  if (group_enter(instructions->group) != 0) {
    failure.stage = 'g';
  } else if (chdir(instructions->working_directory) != 0) {
    failure.stage = 'w';
  } else {
    become(instructions);
  }
  failure.error = errno;
  (void)write_all(failed, &failure, sizeof failure);
  _exit(127);
}

// MARK: Start

struct pipes {
  int out[2], err[2], go[2], failed[2];
};

static bool make_pipes(struct pipes *pipes) {
  // The child's ends are duplicated onto 1 and 2; everything else closes at exec.
  return pipe2(pipes->out, O_CLOEXEC) == 0 && pipe2(pipes->err, O_CLOEXEC) == 0 && pipe2(pipes->go, O_CLOEXEC) == 0 &&
         pipe2(pipes->failed, O_CLOEXEC) == 0 && fcntl(pipes->out[0], F_SETFL, O_NONBLOCK) == 0 &&
         fcntl(pipes->err[0], F_SETFL, O_NONBLOCK) == 0;
}

// Nothing has happened yet: the start may be tried again.
static int give_up(const char *stage, int error) {
  report("failed %s %d\n", stage, error);
  return 1;
}

static int finish(struct shim *shim, const char *cause, int code, int error) {
  shim->ending.cause = cause;
  shim->ending.code = code;
  shim->ending.error = error;
  shim->ending.at = clock_now(CLOCK_REALTIME);
  log_finish(&shim->log);
  return records_write_status(shim->directory, &shim->ending) == 0 ? 0 : 1;
}

// Returns 0 when the task runs; otherwise *result is the shim's exit code.
static int start(struct shim *shim, int *result) {
  const struct instructions *instructions = shim->instructions;
  struct pipes pipes;
  if (log_open(&shim->log, shim->directory, instructions->log_limit, instructions->log_files) != 0 || !make_pipes(&pipes)) {
    *result = give_up("log", errno);
    return -1;
  }
  pid_t self = getpid();
  shim->task.id = fork();
  if (shim->task.id < 0) {
    *result = give_up("fork", errno);
    return -1;
  }
  if (shim->task.id == 0) {
    close(pipes.go[1]);
    become_task(instructions, self, pipes.go[0], pipes.failed[1], pipes.out[1], pipes.err[1]);
  }
  close(pipes.out[1]);
  close(pipes.err[1]);
  close(pipes.go[0]);
  close(pipes.failed[1]);
  setpgid(shim->task.id, shim->task.id);
  shim->poll[from_stdout] = (struct pollfd){.fd = pipes.out[0], .events = POLLIN};
  shim->poll[from_stderr] = (struct pollfd){.fd = pipes.err[0], .events = POLLIN};
  if (records_write_pid(shim->directory, shim->task.id, clock_now(CLOCK_REALTIME)) != 0) {
    int error = errno;
    kill(shim->task.id, SIGKILL);
    waitpid(shim->task.id, NULL, 0);
    *result = give_up("directory", error);
    return -1;
  }
  (void)write_all(pipes.go[1], "g", 1);
  close(pipes.go[1]);

  struct failure failure;
  if (failure_read(pipes.failed[0], &failure)) {
    waitpid(shim->task.id, NULL, 0);
    if (failure.stage == 'g') {
      *result = finish(shim, "group", 126, failure.error);
      report("failed group %d\n", failure.error);
      return -1;
    }
    const char *stage = failure.stage == 'w' ? "workdir" : "exec";
    // The exit codes of shells and container runtimes; the cause tells them from a task that exits with them.
    *result = finish(shim, stage, failure.error == ENOENT ? 127 : 126, failure.error);
    report("failed %s %d\n", stage, failure.error);
    return -1;
  }
  return 0;
}

// MARK: Stopping

static void stop(struct shim *shim, int signal_number, uint64_t grace) {
  if (shim->task.ended || signal_number < 1 || signal_number >= NSIG) {
    return;
  }
  if (shim->ending.cause == NULL) {
    shim->ending.cause = "stop";
  }
  main_process_signal(&shim->task, signal_number);
  // A stopped process can't act on the signal before it goes on.
  main_process_signal(&shim->task, SIGCONT);
  if (signal_number != SIGKILL) {
    const uint64_t year = 365ull * 86400 * 1000;
    arm(shim->poll[from_grace].fd, clock_now(CLOCK_BOOTTIME) + (int64_t)(grace < year ? grace : year) * 1000000);
  }
}

static void drain_timer(int fd) {
  uint64_t count;
  (void)!read(fd, &count, sizeof count);
}

// Sleeps until the deadline that it knows, and only then looks whether it was moved: a task costs one wake-up
// per lease, not one per renewal. The clock goes on while the machine is suspended, as it does for those who
// give up on this node meanwhile.
static void check_lease(struct shim *shim) {
  int64_t deadline;
  drain_timer(shim->poll[from_lease].fd);
  if (lease_read(shim->lease, &deadline)) {
    shim->deadline = deadline;
  }
  if (shim->deadline > clock_now(CLOCK_BOOTTIME)) {
    arm(shim->poll[from_lease].fd, shim->deadline);
    return;
  }
  shim->ending.cause = "lease";
  main_process_signal(&shim->task, SIGKILL);
}

static void receive_signals(struct shim *shim) {
  struct signalfd_siginfo info;
  while (read(shim->poll[from_signals].fd, &info, sizeof info) == (ssize_t)sizeof info) {
    int number = (int)info.ssi_signo;
    if (number == SIGRTMIN + SWARM_SHIM_STOP_OFFSET && info.ssi_code == SI_QUEUE) {
      stop(shim, (int)(info.ssi_ptr & 0xff), info.ssi_ptr >> 8);
    } else if (number == SIGTERM) {
      // From a person: `kill <shim>`.
      stop(shim, shim->instructions->stop_signal, shim->instructions->stop_grace);
    }
    // Everything else (SIGCHLD, SIGHUP …) only wakes.
  }
}

// MARK: The end

static void reap(struct shim *shim) {
  bool was_there = !shim->task.ended;
  main_process_reap(&shim->task);
  if (was_there && shim->task.ended) {
    shim->ending.at = clock_now(CLOCK_REALTIME);
    shim->ending.code = shim->task.code;
    shim->ending.signal = shim->task.signal;
  }
}

// Returns false when there is nothing (more) to read.
static bool read_output(struct shim *shim, int source) {
  static uint8_t buffer[64 * 1024];
  struct pollfd *from = &shim->poll[source];
  if (from->fd < 0) {
    return false;
  }
  ssize_t count = read(from->fd, buffer, sizeof buffer);
  if (count > 0) {
    log_append(&shim->log, source - from_stdout, buffer, (size_t)count);
    return true;
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    return false;
  }
  close(from->fd);
  from->fd = -1;
  return false;
}

static bool prepare(struct shim *shim) {
  sigset_t all;
  sigfillset(&all);
  struct pollfd *poll = shim->poll;
  poll[from_signals] = (struct pollfd){.fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN};
  poll[from_lease] =
      (struct pollfd){.fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK), .events = POLLIN};
  poll[from_grace] =
      (struct pollfd){.fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK), .events = POLLIN};
  shim->lease = open(shim->instructions->lease, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  return poll[from_signals].fd >= 0 && poll[from_lease].fd >= 0 && poll[from_grace].fd >= 0 && shim->lease >= 0;
}

int supervise(int directory, const struct instructions *instructions) {
  static struct shim shim;
  shim.directory = directory;
  shim.instructions = instructions;
  shim.poll[from_stdout].fd = shim.poll[from_stderr].fd = -1;
  if (!prepare(&shim)) {
    return give_up("lease", errno);
  }
  // A shim that was slow to load must not start what its node has been given up for.
  if (!lease_read(shim.lease, &shim.deadline) || shim.deadline <= clock_now(CLOCK_BOOTTIME)) {
    return give_up("lease", ETIMEDOUT);
  }
  int result = 0;
  if (start(&shim, &result) != 0) {
    return result;
  }
  report("started %d\n", (int)shim.task.id);
  arm(shim.poll[from_lease].fd, shim.deadline);

  reap(&shim);
  while (!shim.task.ended) {
    if (poll(shim.poll, sources, -1) < 0) {
      continue;
    }
    if (shim.poll[from_signals].revents != 0) {
      receive_signals(&shim);
    }
    if (shim.poll[from_lease].revents != 0) {
      check_lease(&shim);
    }
    if (shim.poll[from_grace].revents != 0) {
      drain_timer(shim.poll[from_grace].fd);
      shim.ending.cause = "grace";
      main_process_signal(&shim.task, SIGKILL);
    }
    read_output(&shim, from_stdout);
    read_output(&shim, from_stderr);
    reap(&shim);
  }
  end_descendants(shim.poll[from_signals].fd);
  // All writers are dead: what they wrote is in the pipes, and nothing follows.
  for (int source = from_stdout; source <= from_stderr; source++) {
    while (read_output(&shim, source)) {
    }
  }
  log_finish(&shim.log);
  shim.ending.out_of_memory = group_ran_out_of_memory(instructions->group);
  if (instructions->group != NULL) {
    // The runtime does it when this can't be done yet.
    (void)rmdir(instructions->group);
  }
  if (shim.ending.cause == NULL) {
    shim.ending.cause = "exit";
  }
  return records_write_status(directory, &shim.ending) == 0 ? 0 : 1;
}

#endif
