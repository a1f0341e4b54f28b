// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel

/// How much of a task's log is kept.
struct LogRetention: Hashable, Sendable {
  /// How many files there can be.
  static let possibleFiles = 1...100

  /// The size in bytes at which a file is put aside; 0 keeps nothing.
  var fileSize: Int
  /// How many files there are at most, the current one included.
  var files: Int

  init(fileSize: Int, files: Int) {
    self.fileSize = fileSize
    self.files = files
  }

  /// Reads the options `max-size` and `max-file` of the drivers `json-file` and `local`; without a driver the node's configuration counts.
  ///
  /// - Throws: for another driver than these and `none`, and for an option or a value that isn't understood.
  init(_ driver: Driver?, default configuration: ProcessRuntimeConfiguration) throws(RuntimeError) {
    self.init(fileSize: configuration.logFileSize, files: configuration.logFiles)
    guard let driver, !driver.name.isEmpty else { return }
    guard driver.name != "none" else {
      self.init(fileSize: 0, files: 1)
      return
    }
    guard ["json-file", "local"].contains(driver.name) else {
      throw RuntimeError(
        code: .unsupported,
        message: "the process runtime has no log driver \"\(driver.name)\": it has json-file, local and none"
      )
    }
    for (option, value) in driver.options.sorted(by: { $0.key < $1.key }) {
      switch option {
      case "max-size": self.fileSize = try Self.size(value)
      case "max-file": self.files = try Self.count(value)
      // Kept files are never compressed; the rest is about what docker's drivers write beside the lines.
      case "compress", "mode", "max-buffer-size", "labels", "labels-regex", "env", "env-regex", "tag": break
      default:
        throw RuntimeError(
          code: .invalidArgument,
          message: "unknown log opt '\(option)' for \(driver.name) log driver"
        )
      }
    }
  }

  /// A number of bytes with one of docker's units, like `10m`; -1 is no bound.
  private static func size(_ text: String) throws(RuntimeError) -> Int {
    guard text != "-1" else { return .max }
    var digits = Substring(text.lowercased())
    if digits.hasSuffix("b") { digits = digits.dropLast() }
    let units: [Character: Int] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40]
    var unit = 1
    if let last = digits.last, let known = units[last] {
      unit = known
      digits = digits.dropLast()
    }
    guard let number = Double(digits), number.isFinite, number > 0, let size = Int(exactly: (number * Double(unit)).rounded()),
      size > 0
    else {
      throw RuntimeError(code: .invalidArgument, message: "the log option max-size has to be a size like 10m, not \"\(text)\"")
    }
    return size
  }

  private static func count(_ text: String) throws(RuntimeError) -> Int {
    guard let count = Int(text), Self.possibleFiles.contains(count) else {
      throw RuntimeError(code: .invalidArgument, message: "the log option max-file has to be 1 to 100, not \"\(text)\"")
    }
    return count
  }
}
