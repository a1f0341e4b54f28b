// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// What the machine says about itself, for `/version` and `/info`.
struct HostInformation: Sendable {
  var hostname: String
  var operatingSystem: String
  var kernelVersion: String
  var processors: Int
  var memoryBytes: Int64

  /// The version of this software.
  static let softwareVersion = "0.1.0"

  /// Asks the machine.
  static func current(hostname: String?) -> Self {
    let process = ProcessInfo.processInfo
    return Self(
      hostname: hostname ?? Self.line(of: "/proc/sys/kernel/hostname") ?? process.hostName,
      operatingSystem: Self.distribution ?? process.operatingSystemVersionString,
      kernelVersion: Self.line(of: "/proc/sys/kernel/osrelease") ?? process.operatingSystemVersionString,
      processors: process.activeProcessorCount,
      memoryBytes: Int64(clamping: process.physicalMemory)
    )
  }

  /// The operating system's kind, as Docker names it.
  static var osType: String {
    #if os(macOS)
      "darwin"
    #else
      "linux"
    #endif
  }

  /// The processor, as `uname` names it.
  static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #else
      "unknown"
    #endif
  }

  /// The processor, as Go names it.
  static var goArchitecture: String {
    switch self.architecture {
    case "x86_64": "amd64"
    case "aarch64": "arm64"
    default: self.architecture
    }
  }

  private static var distribution: String? {
    guard let text = try? String(contentsOfFile: "/etc/os-release", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
    return line.map { $0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } }
  }

  private static func line(of path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let line = text.prefix { !$0.isNewline }
    return line.isEmpty ? nil : String(line)
  }
}
