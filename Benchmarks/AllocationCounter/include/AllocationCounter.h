// SPDX-License-Identifier: Apache-2.0

#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// How often the calling thread has asked for memory from the heap since it began.
///
/// A program that links this has every call of malloc and its kin counted.
uint64_t allocation_count(void);

#endif
