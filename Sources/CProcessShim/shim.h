// SPDX-License-Identifier: Apache-2.0

// What the parts of the shim share. Nothing here is seen by Swift.

#ifndef SWARM_SHIM_INTERNAL_H
#define SWARM_SHIM_INTERNAL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What the runtime wants run; every pointer points into one buffer that lives as long as the shim.
struct instructions {
  const char *task;
  char **arguments;        // NULL-terminated, at least one
  char **environment;      // NULL-terminated
  const char *working_directory;
  const char *lease;       // path of the node's lease file
  uint64_t log_limit;      // bytes of one log file before it is rotated; 0 keeps no log
  uint64_t log_files;      // how many log files there are at most
  int stop_signal;         // for a stop that comes as a plain SIGTERM
  uint64_t stop_grace;     // milliseconds, likewise
  const char *group;       // the control group that it belongs into, or NULL
  // Of a command beside a task:
  bool terminal;           // whether descriptor 0 is the terminal that it gets
  pid_t beside;            // the task's main process; what runs beside it ends with it
  uint64_t beside_since;   // when that one started, clock ticks since boot
};

// Reads the instructions of a task; returns 0, or an errno.
int instructions_load(int directory, struct instructions *into);

// Reads the instructions of a command beside a task from an open file; returns 0, or an errno.
int instructions_load_exec(int fd, struct instructions *into);

// The process that somebody asked for: a task's, or that of a command beside it. It leads a process group.
struct main_process {
  pid_t id;
  bool ended;              // it has ended and was reaped
  int code;                // its exit code, 128 + n after signal n
  int signal;              // the signal that ended it, or 0
};

// Signals go to the group only while the main process hasn't been reaped: as long as it is there, if only as a
// zombie, the kernel can't give its id to anybody else.
void main_process_signal(const struct main_process *process, int signal_number);

// Reaps what has ended; with the main process its group is killed.
void main_process_reap(struct main_process *process);

// Ends every descendant. `signals` is a signalfd that hears SIGCHLD.
void end_descendants(int signals);

// What the child does before it becomes the program: all signals back to their defaults, none blocked.
void reset_signals(void);

// Becomes the program, or returns with errno set.
void become(const struct instructions *instructions);

// Puts the calling process into a control group; returns 0, or -1 with errno set. NULL is no group.
int group_enter(const char *group);

// Whether the kernel killed a process of a control group for want of memory.
bool group_ran_out_of_memory(const char *group);

// What the child says when it can't become the program.
struct failure {
  char stage;              // 'g'roup, 'w'orking directory or 'e'xec
  int error;
};

// What the child has said, once it has become the program or failed; false for the former.
bool failure_read(int fd, struct failure *into);

// The framed record file that the task's output goes to.
struct log_stream {
  uint8_t number;          // 1 stdout, 2 stderr
  size_t held;             // bytes of the unfinished line in `line`
  uint8_t line[16 * 1024]; // longer lines are cut into records of this size
};

struct log_file {
  int directory;
  int fd;
  uint64_t size;           // length of what is completely written
  uint64_t limit;          // 0 keeps nothing
  uint64_t files;
  uint64_t dropped;        // bytes of output lost since the last notice because the disk refused them
  struct log_stream streams[2];
};

int log_open(struct log_file *log, int directory, uint64_t limit, uint64_t files);
void log_append(struct log_file *log, int stream, const uint8_t *bytes, size_t count);
void log_finish(struct log_file *log);

// Files that say what happened, and questions to /proc.
struct ending {
  const char *cause;       // one word, see supervise.c
  int code;
  int signal;
  int error;
  bool out_of_memory;      // a process of it was killed because it used more memory than it may
  int64_t at;              // wall clock, nanoseconds
};

int records_write_pid(int directory, pid_t task, int64_t started);
int records_write_status(int directory, const struct ending *ending);
bool records_exist(int directory);

// Kills every direct child. They can't be anybody else: an id is ours until we reap it.
void kill_children(void);

int64_t clock_now(int clock);
int open_private(int directory, const char *name, int flags);
bool write_all(int fd, const void *bytes, size_t count);

// Reads the lease file; false when it has no valid content at the moment.
bool lease_read(int fd, int64_t *deadline);

// Runs the task; never returns to the host's program.
_Noreturn void shim_run(const char *directory);

// Runs a command beside a task; never returns to the host's program.
_Noreturn void exec_run(void);

// Closes the host's descriptors from this number on.
void close_from(unsigned first);

// Blocks all signals, for they are taken from a signalfd, and becomes who inherits orphans.
void become_watcher(const char *name);
int supervise(int directory, const struct instructions *instructions);

// Tells the runtime how the start went, once, and lets go of it.
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
