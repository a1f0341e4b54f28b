// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory that is gone with its owner.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    self.path = FileManager.default.temporaryDirectory.appending(path: "raft-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: self.path) }

  /// The names in a directory below.
  func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/\(directory)").sorted()
  }

  /// Changes a file's bytes.
  func edit(_ file: String, _ change: (inout [UInt8]) -> Void) throws {
    let location = URL(filePath: "\(self.path)/\(file)")
    var bytes = try [UInt8](Data(contentsOf: location))
    change(&bytes)
    try Data(bytes).write(to: location)
  }

  func mode(of file: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(self.path)/\(file)")
    return attributes[.posixPermissions] as? Int ?? 0
  }
}
