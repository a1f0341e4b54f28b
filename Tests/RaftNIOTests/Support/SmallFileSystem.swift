// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A file system in memory that is soon full; needs the right to mount.
final class SmallFileSystem: Sendable {
  let path: String

  init(at path: String, megabytes: Int) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else { throw CocoaError(.fileWriteNoPermission) }
    self.path = path
  }

  func unmount() { _ = unsafe umount(self.path) }

  /// Whether this process may mount anything.
  static let isPossible: Bool = {
    guard let directory = try? TemporaryDirectory(), let disk = try? SmallFileSystem(at: "\(directory.path)/probe", megabytes: 1)
    else { return false }
    disk.unmount()
    return true
  }()
}
