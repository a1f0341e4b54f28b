// SPDX-License-Identifier: Apache-2.0

// The shim that a process task lives under, and the few system calls around it that Swift can't make by itself.
//
// The shim has no binary of its own. A constructor of this library looks for SWARM_SHIM_VARIABLE in the
// environment of whatever program it is linked into; when the variable is there, the process becomes the shim
// of the task whose directory the variable names and never reaches main(). The runtime re-executes its own
// program for that (`swarm_shim_spawn`).
//
// All functions return -1 and set errno on failure unless they say otherwise. Linux only: elsewhere
// everything fails with ENOSYS.

#ifndef SWARM_C_PROCESS_SHIM_H
#define SWARM_C_PROCESS_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SWARM_SHIM_VARIABLE "SWIFT_SWARM_SHIM"

// What the variable says when the process becomes the shim of a command beside a task: such a shim lives no longer
// than the runtime that started it, and needs no directory.
#define SWARM_SHIM_EXEC "exec"

// The real-time signal that carries a stop request: its value is `grace in milliseconds << 8 | signal number`.
#define SWARM_SHIM_STOP_OFFSET 1

// Starts the shim of one task in a session of its own, without any descriptor of the calling process.
//
//   directory  the task's directory, absolute; holds the instructions
//   name       what `ps` shows behind "swarm-task"
//   report     set to where the shim writes its one line of report: "started <pid>", "busy" or
//              "failed <stage> <errno>". End of file when the shim is done with it. Close-on-exec, doesn't block.
//
// Returns the shim's process id. It is a child of the caller, who reaps it (`swarm_pidfd_reap`).
pid_t swarm_shim_spawn(const char *directory, const char *name, int *report);

// Starts the shim of a command beside a task, in a session of its own.
//
//   instructions           an open file that says what to run
//   name                   what `ps` shows behind "swarm-task"
//   input, output, errors  what become the command's standard streams; a terminal stands for all three
//   control                set to where the shim reports to, line by line: "started <pid>" or "failed <stage> <errno>",
//                          and at the end "ended <exit code>". When it is closed, the command is killed with all its
//                          descendants. Close-on-exec, doesn't block.
//
// Returns the shim's process id. It is a child of the caller, who reaps it (`swarm_pidfd_reap`).
pid_t swarm_exec_spawn(const char *name, int instructions, int input, int output, int errors, int *control);

// A file in memory with this content, positioned at its beginning.
int swarm_memory_file(const void *bytes, size_t count);

// A pipe: what is written to `*write_end` is read from `*read_end`. Both are close-on-exec and block.
int swarm_pipe(int *read_end, int *write_end);

// A pair of terminal ends: what the command gets, and the other side of it (close-on-exec, doesn't block).
int swarm_terminal_open(int *command_end);
int swarm_terminal_resize(int terminal, uint16_t columns, uint16_t rows);

// Like write(2), but a reader that is gone is EPIPE and never a signal.
ssize_t swarm_write(int fd, const void *bytes, size_t count);

// Makes reads and writes return at once.
int swarm_unblock(int fd);

// A descriptor for a process: becomes readable when the process has ended. Close-on-exec.
int swarm_pidfd_open(pid_t pid);

// Sends a signal to the process behind the descriptor; never reaches another process, whatever became of the id.
int swarm_pidfd_signal(int pidfd, int signal);

// Asks a shim to stop its task: `signal` to the process group, SIGKILL when it is still there after `grace`
// milliseconds.
int swarm_shim_stop(int pidfd, int signal, uint64_t grace);

// Reaps the process if it is an ended child of the caller. Does nothing otherwise.
void swarm_pidfd_reap(int pidfd);

// Nanoseconds since boot, including time suspended: the clock that leases are measured by.
int64_t swarm_boottime(void);

// The id of the machine's current boot; empty when there is none.
void swarm_boot_id(char into[40]);

// Takes the lock on an open file, for as long as the descriptor lives. Fails with EAGAIN when somebody else has it.
int swarm_lock(int fd);

// Gives the lock back at once. Closing the descriptor would do so only when no process has a copy of it, and
// every process that is just being spawned has one for a moment.
void swarm_unlock(int fd);

// 1 when somebody else holds the lock on an open file, 0 when nobody does.
int swarm_is_locked(int fd);

// Deletes a directory inside an open one, with everything in it. Never follows a symbolic link.
int swarm_remove_tree(int directory, const char *name);

// When the process was started, in clock ticks since boot; 0 when there is no such process or it has ended
// (zombies included).
uint64_t swarm_process_start_time(pid_t pid);

// Kills (SIGKILL) every process of a session whose leader is gone and that was started at or after `since`
// (clock ticks since boot). For what a shim that was killed itself has left behind. Returns how many there
// were.
int swarm_kill_session(pid_t session, uint64_t since);

// A queue of events. Descriptors that are readable, at their end or (processes) ended are reported by the
// token they were added with, again and again until they are removed.
int swarm_poll_create(void);
int swarm_poll_add(int queue, int fd, uint64_t token);
// Likewise, when it can be written to or nobody reads it any more.
int swarm_poll_add_writing(int queue, int fd, uint64_t token);
void swarm_poll_remove(int queue, int fd);

// Waits up to `milliseconds` (-1: without end) and writes the tokens of what is ready. Returns how many, or -1.
int swarm_poll_wait(int queue, uint64_t *tokens, int capacity, int milliseconds);

// A descriptor that becomes readable by `swarm_wake`, until 8 bytes are read from it.
int swarm_wake_create(void);
void swarm_wake(int fd);

#endif
