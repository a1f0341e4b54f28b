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
  uint64_t log_limit;      // bytes of one log file before it is rotated
  int stop_signal;         // for a stop that comes as a plain SIGTERM
  uint64_t stop_grace;     // milliseconds, likewise
};

// Returns 0, or an errno.
int instructions_load(int directory, struct instructions *into);

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
  uint64_t limit;
  uint64_t dropped;        // bytes of output lost since the last notice because the disk refused them
  struct log_stream streams[2];
};

int log_open(struct log_file *log, int directory, uint64_t limit);
void log_append(struct log_file *log, int stream, const uint8_t *bytes, size_t count);
void log_finish(struct log_file *log);

// Files that say what happened, and questions to /proc.
struct ending {
  const char *cause;       // one word, see supervise.c
  int code;
  int signal;
  int error;
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
int supervise(int directory, const struct instructions *instructions);

// Tells the runtime how the start went, once, and lets go of it.
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
