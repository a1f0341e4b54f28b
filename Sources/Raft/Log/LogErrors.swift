// SPDX-License-Identifier: Apache-2.0

extension RaftError {
  /// Bytes that were synced once are no longer what was written.
  static func damaged(_ file: String, at offset: UInt64, _ reason: String) -> Self {
    Self(.corrupt, "\(file) is damaged at byte \(offset): \(reason)")
  }

  /// A file that another version of this software wrote.
  static func unsupported(_ file: String, _ what: String) -> Self {
    Self(.unsupportedFormat, "\(file) uses \(what), which this version does not know")
  }
}
