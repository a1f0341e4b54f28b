// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The TCP sockets of this process over IPv4, by the kernel's tables.
struct OwnSocket {
  /// Whether it listens; else it is one end of a connection.
  let isListening: Bool
  /// Whether a program that this process starts gets it.
  let isInherited: Bool

  /// Those with one of the ports at either end.
  static func all(using ports: Set<Int>) throws -> [OwnSocket] {
    let listening = "0A"
    let closeOnExecution = 0o2_000_000
    let descriptors = try Self.descriptors()
    var found: [OwnSocket] = []
    // The kernel hands the table out in pieces, and reading "a file's contents" would take the first for the whole.
    let table = try #require(try FileHandle(forReadingAtPath: "/proc/net/tcp")?.readToEnd())
    for line in String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst() {
      let fields = line.split(separator: " ")
      let ends = [fields[1], fields[2]].compactMap { $0.split(separator: ":").last.flatMap { Int($0, radix: 16) } }
      guard !ports.isDisjoint(with: ends), let descriptor = descriptors["socket:[\(fields[9])]"] else { continue }
      // It may have been closed meanwhile.
      guard let information = try? String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .ascii) else { continue }
      let flags = information.split(separator: "\n").first { $0.hasPrefix("flags:") }?.split(separator: "\t").last
      let number = try #require(flags.flatMap { Int($0, radix: 8) })
      found.append(OwnSocket(isListening: fields[3] == listening, isInherited: number & closeOnExecution == 0))
    }
    return found
  }

  private static func descriptors() throws -> [String: String] {
    var descriptors: [String: String] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)") else { continue }
      descriptors[target] = name
    }
    return descriptors
  }
}
