// SPDX-License-Identifier: Apache-2.0

// What protects a process's memory from its neighbours, as far as Swift can't ask for it by itself.

#ifndef SWARM_C_HARDENING_H
#define SWARM_C_HARDENING_H

// Takes this process's memory out of core dumps and out of the reach of debuggers of the same user.
// Returns -1 and sets errno on failure; elsewhere than on Linux always, with ENOSYS.
int swarm_forbid_dumps(void);

#endif
