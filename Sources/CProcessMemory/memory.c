// SPDX-License-Identifier: Apache-2.0

#include "CHardening.h"

#include <errno.h>

#ifdef __linux__

#include <sys/prctl.h>
#include <sys/resource.h>

int swarm_forbid_dumps(void) {
  // The limit too: the kernel resets the flag when the process executes another program.
  const struct rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) {
    return -1;
  }
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

#else

int swarm_forbid_dumps(void) {
  errno = ENOSYS;
  return -1;
}

#endif
