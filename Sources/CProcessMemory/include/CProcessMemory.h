// SPDX-License-Identifier: Apache-2.0

// What Swift can't ask the system by itself about a process's memory.

#ifndef SWARM_C_PROCESS_MEMORY_H
#define SWARM_C_PROCESS_MEMORY_H

// Takes this process's memory out of core dumps and out of the reach of debuggers of the same user.
// Returns -1 and sets errno on failure; elsewhere than on Linux always, with ENOSYS.
int swarm_forbid_dumps(void);

// Lets go of every page of code and constants that is mapped from the program's and its libraries' files. The next access brings
// a page back. Does nothing elsewhere than on Linux.
void swarm_release_code(void);

#endif
