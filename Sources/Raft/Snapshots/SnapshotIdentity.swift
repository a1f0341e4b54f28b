// SPDX-License-Identifier: Apache-2.0

/// Names the bytes of one snapshot.
///
/// Snapshots of two members differ in their bytes even when they stand for the same state, so that a transfer goes on only
/// where it began from the very same file.
public struct SnapshotIdentity: Hashable, Sendable {
  /// The last entry that the snapshot covers.
  public var position: LogPosition
  /// The length of the file in bytes.
  public var length: Int
  /// The checksum of the whole file (CRC-32C).
  public var checksum: UInt32

  /// Names a file.
  public init(position: LogPosition, length: Int, checksum: UInt32) {
    self.position = position
    self.length = length
    self.checksum = checksum
  }
}
