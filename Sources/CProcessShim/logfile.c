// SPDX-License-Identifier: Apache-2.0

// The task's output as framed records.
//
// A file starts with "SWTLOG", 0, version 1. A record is a header of 16 bytes, little endian (wall clock in
// nanoseconds: 8, length: 4, stream: 1, flags: 1, zero: 2), and the bytes. One record is one line with its
// line feed, or a piece of a line (flag 1) that is longer than a record may be or was not finished when the
// task ended. Stream 0 is a notice by the shim.
//
// The task is never slowed down or ended by its log: output that the disk refuses is counted, dropped and noted.

#include "shim.h"

#ifdef __linux__

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { header_size = 16, partial = 1, file_header_size = 8 };

static const uint8_t file_header[file_header_size] = {'S', 'W', 'T', 'L', 'O', 'G', 0, 1};

// Records gather here, so that a burst of short lines costs one write. The shim has a single thread.
static uint8_t gathered[256 * 1024];
static size_t gathered_size;
static size_t gathered_output;

static bool create(struct log_file *log) {
  log->fd = open_private(log->directory, "log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  log->size = file_header_size;
  if (log->fd >= 0 && !write_all(log->fd, file_header, sizeof file_header)) {
    close(log->fd);
    log->fd = -1;
  }
  return log->fd >= 0;
}

int log_open(struct log_file *log, int directory, uint64_t limit, uint64_t files) {
  memset(log, 0, sizeof *log);
  log->directory = directory;
  log->fd = -1;
  log->limit = limit;
  log->files = files;
  log->streams[0].number = 1;
  log->streams[1].number = 2;
  return limit == 0 || create(log) ? 0 : -1;
}

static const char *file_name(char into[32], uint64_t number) {
  snprintf(into, 32, number == 0 ? "log" : "log.%llu", (unsigned long long)number);
  return into;
}

// "log" becomes "log.1", that one "log.2", and so on; what was the oldest is gone. From the oldest to the newest, so
// that a reader who looks in between finds a file twice, or a gap, but never misses one that stays.
static void rotate(struct log_file *log) {
  char from[32], to[32];
  for (uint64_t number = log->files - 1; number > 0; number--) {
    if (renameat(log->directory, file_name(from, number - 1), log->directory, file_name(to, number)) != 0 && number == 1) {
      return;
    }
  }
  if (log->files == 1 && unlinkat(log->directory, "log", 0) != 0) {
    return;
  }
  close(log->fd);
  log->fd = -1;
  (void)create(log);
}

static bool flush(struct log_file *log) {
  if (gathered_size == 0) {
    return true;
  }
  if (log->size + gathered_size > log->limit && log->size > file_header_size) {
    rotate(log);
  }
  bool good = (log->fd >= 0 || create(log)) && write_all(log->fd, gathered, gathered_size);
  if (good) {
    log->size += gathered_size;
  } else {
    log->dropped += gathered_output;
    // Half a record in the middle would hide everything behind it.
    if (log->fd >= 0) {
      (void)!ftruncate(log->fd, (off_t)log->size);
    }
  }
  gathered_size = 0;
  gathered_output = 0;
  return good;
}

static void put(uint8_t *at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) {
    at[i] = (uint8_t)(value >> (8 * i));
  }
}

static void gather(struct log_file *log, uint8_t stream, uint8_t flags, const uint8_t *first, size_t first_size,
                   const uint8_t *second, size_t second_size) {
  size_t length = first_size + second_size;
  size_t after = gathered_size + header_size + length;
  if (after > sizeof gathered || (gathered_size > 0 && log->size + after > log->limit)) {
    flush(log);
  }
  uint8_t *at = gathered + gathered_size;
  put(at, (uint64_t)clock_now(CLOCK_REALTIME), 8);
  put(at + 8, length, 4);
  at[12] = stream;
  at[13] = flags;
  at[14] = at[15] = 0;
  memcpy(at + header_size, first, first_size);
  if (second_size > 0) {
    memcpy(at + header_size + first_size, second, second_size);
  }
  gathered_size += header_size + length;
  gathered_output += length;
}

static void note_dropped(struct log_file *log) {
  if (log->dropped == 0) {
    return;
  }
  char text[96];
  int length = snprintf(text, sizeof text, "%llu bytes of output could not be written and are lost\n",
                        (unsigned long long)log->dropped);
  gather(log, 0, 0, (const uint8_t *)text, (size_t)length, NULL, 0);
  gathered_output = 0;
  if (flush(log)) {
    log->dropped = 0;
  }
}

void log_append(struct log_file *log, int index, const uint8_t *bytes, size_t count) {
  struct log_stream *stream = &log->streams[index];
  if (log->limit == 0) {
    return;
  }
  note_dropped(log);
  while (count > 0) {
    const uint8_t *feed = memchr(bytes, '\n', count);
    size_t piece = feed != NULL ? (size_t)(feed - bytes) + 1 : count;
    size_t room = sizeof stream->line - stream->held;
    bool ends = feed != NULL && piece <= room;
    if (piece > room) {
      piece = room;
    }
    if (ends || piece == room) {
      gather(log, stream->number, ends ? 0 : partial, stream->line, stream->held, bytes, piece);
      stream->held = 0;
    } else {
      memcpy(stream->line + stream->held, bytes, piece);
      stream->held += piece;
    }
    bytes += piece;
    count -= piece;
  }
  flush(log);
}

void log_finish(struct log_file *log) {
  if (log->limit == 0) {
    return;
  }
  for (int index = 0; index < 2; index++) {
    struct log_stream *stream = &log->streams[index];
    if (stream->held > 0) {
      gather(log, stream->number, partial, stream->line, stream->held, NULL, 0);
      stream->held = 0;
    }
  }
  flush(log);
  note_dropped(log);
  if (log->fd >= 0) {
    close(log->fd);
    log->fd = -1;
  }
}

#endif
