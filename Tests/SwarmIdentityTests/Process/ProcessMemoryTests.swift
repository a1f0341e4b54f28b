// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SwarmIdentity
internal import SwarmModel
internal import Testing

@Suite("The memory of a process")
struct ProcessMemoryTests {
  @Test("code that isn't running now needs no memory, and runs again when it has to")
  func releasesCode() throws {
    let before = try Self.residentFilePages()
    ProcessMemory.releaseCode()
    let after = try Self.residentFilePages()
    #expect(after < before * 3 / 4, "\(before) pages before, \(after) after")
    #expect(throws: SwarmError.self) { try JoinToken("not a token") }
  }

  /// The third field of `statm`: resident pages that belong to files.
  private static func residentFilePages() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return try #require(fields.dropFirst(2).first.flatMap { Int($0) })
  }
}
