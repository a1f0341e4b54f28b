// SPDX-License-Identifier: Apache-2.0

// The process that a shim watches over, from its beginning to the end of all its descendants.

#include "shim.h"

#ifdef __linux__

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

// Ignored signals would stay ignored across exec. Directly by the system call, because the C library keeps
// two signals for itself and refuses to touch them, though they may be ignored by inheritance. All zero is
// the default action with no flags, whatever the structure's layout.
void reset_signals(void) {
  const unsigned long long default_action[8] = {0};
  for (int signal_number = 1; signal_number < NSIG; signal_number++) {
    syscall(SYS_rt_sigaction, signal_number, default_action, NULL, (size_t)8);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

void become(const struct instructions *instructions) {
  reset_signals();
  // execvp searches the PATH of the current environment: the task's, as a container runtime does.
  environ = instructions->environment;
  execvp(instructions->arguments[0], instructions->arguments);
}

bool failure_read(int fd, struct failure *into) {
  ssize_t count;
  do {
    count = read(fd, into, sizeof *into);
  } while (count < 0 && errno == EINTR);
  close(fd);
  return count == (ssize_t)sizeof *into;
}

void main_process_signal(const struct main_process *process, int signal_number) {
  if (process->ended) {
    return;
  }
  kill(-process->id, signal_number);
  // A main process that moved to another group is still the main process.
  if (signal_number == SIGKILL || getpgid(process->id) != process->id) {
    kill(process->id, signal_number);
  }
}

// After a look at what has ended: when it is the main process, the rest of its group is killed first, while the
// group's id is still its own. Look and reaping must be about the same process, or one that ends in between is
// reaped unseen.
void main_process_reap(struct main_process *process) {
  for (;;) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
      return;
    }
    if (info.si_pid == process->id && !process->ended) {
      process->ended = true;
      process->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
      process->code = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
      kill(-process->id, SIGKILL);
    }
    waitpid(info.si_pid, NULL, 0);
  }
}

// Also of those that left the group: as their parents die they become children of the shim. Bounded, because a
// process can hang in the kernel for as long as a disk or a server does.
void end_descendants(int signals) {
  const int64_t limit = clock_now(CLOCK_MONOTONIC) + 10000000000;
  while (clock_now(CLOCK_MONOTONIC) < limit) {
    pid_t reaped;
    while ((reaped = waitpid(-1, NULL, WNOHANG)) > 0) {
    }
    if (reaped < 0) {
      return;
    }
    kill_children();
    poll(&(struct pollfd){.fd = signals, .events = POLLIN}, 1, 50);
    struct signalfd_siginfo info;
    (void)!read(signals, &info, sizeof info);
  }
}

#endif
