// SPDX-License-Identifier: Apache-2.0

// The life of a command beside a task: it ends by itself, with the task, or with who asked for it.
//
// Descriptors 0 to 2 are the command's own from the beginning, so that its output reaches who asked without another
// copy; 3 is where this shim reports to, and 4 holds the instructions.

#include "shim.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CProcessShim.h"

enum { control = 3, instructions_file = 4, first_free = 5 };
enum { from_signals, from_control, from_task, sources };

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...) {
  char line[64];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  // Who asked may be gone; SIGPIPE is blocked.
  (void)write_all(control, line, (size_t)length);
}

_Noreturn static void give_up(const char *stage, int error) {
  tell("failed %s %d\n", stage, error);
  _exit(1);
}

_Noreturn static void become_command(const struct instructions *instructions, pid_t shim, int failed) {
  struct failure failure = {'e', 0};
  // A terminal belongs to a session, whose leader gets it.
  if (instructions->terminal) {
    setsid();
    ioctl(STDIN_FILENO, TIOCSCTTY, 0);
  } else {
    setpgid(0, 0);
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid() != shim) {
    _exit(127);
  }
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

// Who holds the command's ends open would keep its reader from seeing that they are closed.
static void let_go_of_streams(void) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    if (null < 0 || dup2(null, fd) < 0) {
      close(fd);
    }
  }
  if (null > STDERR_FILENO) {
    close(null);
  }
}

static int open_task(const struct instructions *instructions) {
  int task = swarm_pidfd_open(instructions->beside);
  // The id may have gone to another process before the descriptor took hold of it.
  if (task >= 0 && swarm_process_start_time(instructions->beside) != instructions->beside_since) {
    errno = ESRCH;
    return -1;
  }
  return task;
}

// Whether nobody waits for the command any more.
static bool is_unwanted(const struct pollfd *sources_polled) {
  char byte;
  return sources_polled[from_task].revents != 0 ||
         (sources_polled[from_control].revents != 0 && recv(control, &byte, 1, MSG_DONTWAIT) == 0);
}

static void watch(struct main_process *command, struct pollfd *polled) {
  main_process_reap(command);
  while (!command->ended) {
    if (poll(polled, sources, -1) < 0) {
      continue;
    }
    struct signalfd_siginfo info;
    while (read(polled[from_signals].fd, &info, sizeof info) == (ssize_t)sizeof info) {
    }
    if (is_unwanted(polled)) {
      main_process_signal(command, SIGKILL);
      // Once is enough, and what stays readable would keep this loop busy.
      polled[from_task].fd = polled[from_control].fd = -1;
    }
    main_process_reap(command);
  }
}

_Noreturn void exec_run(void) {
  close_from(first_free);
  fcntl(control, F_SETFD, FD_CLOEXEC);
  become_watcher("swarm-exec");
  (void)!chdir("/");

  struct instructions instructions;
  int error = instructions_load_exec(instructions_file, &instructions);
  close(instructions_file);
  if (error != 0) {
    give_up("instructions", error);
  }
  sigset_t all;
  sigfillset(&all);
  struct pollfd polled[sources] = {
      [from_signals] = {.fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN},
      [from_control] = {.fd = control, .events = POLLIN},
      [from_task] = {.fd = open_task(&instructions), .events = POLLIN},
  };
  if (polled[from_task].fd < 0) {
    give_up("task", errno);
  }
  int failed[2];
  if (polled[from_signals].fd < 0 || pipe2(failed, O_CLOEXEC) != 0) {
    give_up("fork", errno);
  }
  pid_t self = getpid();
  struct main_process command = {.id = fork()};
  if (command.id < 0) {
    give_up("fork", errno);
  }
  if (command.id == 0) {
    become_command(&instructions, self, failed[1]);
  }
  close(failed[1]);
  let_go_of_streams();
  if (!instructions.terminal) {
    setpgid(command.id, command.id);
  }
  struct failure failure;
  if (failure_read(failed[0], &failure)) {
    waitpid(command.id, NULL, 0);
    give_up(failure.stage == 'g' ? "group" : failure.stage == 'w' ? "workdir" : "exec", failure.error);
  }
  tell("started %d\n", (int)command.id);
  watch(&command, polled);
  end_descendants(polled[from_signals].fd);
  tell("ended %d\n", command.code);
  _exit(0);
}

#endif
