// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Makes what seals new bytes, and opens what was sealed before.
protocol StorageCipher: LogOpening {
  /// Seals with the current key, under a salt that never comes again.
  func makeSealing() throws(RaftError) -> any StorageSealing
  /// Opens and continues what was sealed under a stamp.
  ///
  /// - Throws: `RaftError` with code `keyMissing`, naming the file.
  func sealing(stampedBy stamp: ArraySlice<UInt8>, file: String) throws(RaftError) -> any StorageSealing
}

/// Seals under one key and one salt: batches of a log, or blocks of one file.
protocol StorageSealing: LogSealing {
  /// Names key and salt; see `LogStamp`.
  var stamp: [UInt8] { get }
  /// What is added to the length of a block.
  static var blockOverhead: Int { get }
  /// Seals a block; one value seals each number once, or the same bytes again.
  func seal(block: ArraySlice<UInt8>, number: UInt64) -> [UInt8]
  /// Opens a block.
  ///
  /// - Throws: `RaftError` with code `keyRefused`, naming the file.
  func open(block: ArraySlice<UInt8>, number: UInt64, file: String) throws(RaftError) -> [UInt8]
}
