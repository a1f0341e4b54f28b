// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE

#include "CProcessMemory.h"

#include <errno.h>

#ifdef __linux__

#include <link.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int swarm_forbid_dumps(void) {
  // The limit too: the kernel resets the flag when the process executes another program.
  const struct rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) {
    return -1;
  }
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int release_segments(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size;
  (void)unused;
  const uintptr_t mask = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
  for (int index = 0; index < object->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
    // What was never writable has no page that differs from the file.
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) {
      continue;
    }
    const uintptr_t start = object->dlpi_addr + segment->p_vaddr;
    const uintptr_t end = start + segment->p_memsz;
    // A refusal leaves the pages where they are.
    (void)madvise((void *)(start & ~mask), end - (start & ~mask), MADV_DONTNEED);
  }
  return 0;
}

void swarm_release_code(void) { (void)dl_iterate_phdr(release_segments, NULL); }

#else

int swarm_forbid_dumps(void) {
  errno = ENOSYS;
  return -1;
}

void swarm_release_code(void) {}

#endif
