// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// Files that commands read.
enum FileContent {
  /// What stands in a file, or what standard input has when the path is `-`.
  static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    guard let bytes = FileManager.default.contents(atPath: path == "-" ? "/dev/stdin" : path) else {
      throw CommandFailure("open \(path): the file can't be read")
    }
    return Array(bytes)
  }
}
