// SPDX-License-Identifier: Apache-2.0

// Waiting for many descriptors at once: epoll, in terms that Swift can use without unsafe structures.

#include "shim.h"

#include <errno.h>

#include "CProcessShim.h"

#ifdef __linux__

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int swarm_poll_create(void) {
  return epoll_create1(EPOLL_CLOEXEC);
}

int swarm_poll_add(int queue, int fd, uint64_t token) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
  return epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
}

int swarm_poll_add_writing(int queue, int fd, uint64_t token) {
  struct epoll_event event = {.events = EPOLLOUT, .data.u64 = token};
  return epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
}

void swarm_poll_remove(int queue, int fd) {
  struct epoll_event event = {.events = 0};
  epoll_ctl(queue, EPOLL_CTL_DEL, fd, &event);
}

int swarm_poll_wait(int queue, uint64_t *tokens, int capacity, int milliseconds) {
  struct epoll_event events[64];
  int count = epoll_wait(queue, events, capacity < 64 ? capacity : 64, milliseconds);
  for (int i = 0; i < count; i++) {
    tokens[i] = events[i].data.u64;
  }
  return count;
}

int swarm_wake_create(void) {
  return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void swarm_wake(int fd) {
  uint64_t one = 1;
  // Fails only when the counter is full, and then the other side is awake anyway.
  (void)!write(fd, &one, sizeof one);
}

#else

int swarm_poll_create(void) { errno = ENOSYS; return -1; }
int swarm_poll_add(int queue, int fd, uint64_t token) { errno = ENOSYS; return -1; }
int swarm_poll_add_writing(int queue, int fd, uint64_t token) { errno = ENOSYS; return -1; }
void swarm_poll_remove(int queue, int fd) {}
int swarm_poll_wait(int queue, uint64_t *tokens, int capacity, int milliseconds) { errno = ENOSYS; return -1; }
int swarm_wake_create(void) { errno = ENOSYS; return -1; }
void swarm_wake(int fd) {}

#endif
