// SPDX-License-Identifier: Apache-2.0

internal import SwarmCommands

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

exit(await SwarmCommandLine.runAsProcess())
