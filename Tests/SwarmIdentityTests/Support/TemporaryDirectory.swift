// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory that goes away with this value.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    self.path = FileManager.default.temporaryDirectory.appending(path: "swarm-identity-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: self.path)
  }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let path = "\(self.path)/\(name)"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  static func mode(_ path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? -1
  }
}
