// SPDX-License-Identifier: Apache-2.0

/// Bytes of format version 1.
enum GoldenBytes {
  static let segmentHeader = ""
  static let segmentChecksum = ""
  static let batch = ""
  static let baseBatch = ""
  static let snapshot = ""
}
