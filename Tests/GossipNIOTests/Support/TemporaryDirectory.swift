// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory that is gone with its owner.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    self.path = FileManager.default.temporaryDirectory.appending(path: "gossip-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: self.path) }

  func read(_ name: String) throws -> String { try String(contentsOfFile: "\(self.path)/\(name)", encoding: .utf8) }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(self.path)/\(name)", atomically: false, encoding: .utf8)
  }

  func mode(of name: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: "\(self.path)/\(name)")[.posixPermissions] as? Int ?? 0
  }
}
