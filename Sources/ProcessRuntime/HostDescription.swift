// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What this machine offers to tasks.
func hostDescription(hostname: String) -> RuntimeDescription {
  let processors = max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1)
  let memory = max(sysconf(Int32(_SC_PHYS_PAGES)), 0) * max(sysconf(Int32(_SC_PAGESIZE)), 0)
  return RuntimeDescription(
    hostname: hostname.isEmpty ? machineName() : hostname,
    platform: Platform(architecture: architecture, os: operatingSystem),
    resources: Resources(nanoCPUs: Int64(processors) * 1_000_000_000, memoryBytes: Int64(memory)),
    engineVersion: "process"
  )
}

private func machineName() -> String {
  var bytes = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
  return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Docker's words for architectures.
private var architecture: String {
  #if arch(x86_64)
    "x86_64"
  #elseif arch(arm64)
    "aarch64"
  #elseif arch(arm)
    "armv7l"
  #elseif arch(i386)
    "i686"
  #elseif arch(s390x)
    "s390x"
  #elseif arch(powerpc64le)
    "ppc64le"
  #elseif arch(riscv64)
    "riscv64"
  #else
    "unknown"
  #endif
}

private var operatingSystem: String {
  #if os(Linux)
    "linux"
  #elseif os(macOS)
    "darwin"
  #else
    "unknown"
  #endif
}
