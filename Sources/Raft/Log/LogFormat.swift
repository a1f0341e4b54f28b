// SPDX-License-Identifier: Apache-2.0

/// Constants of the segment format, and the rules that follow from them.
///
/// A log is a chain of segment files. Each begins with one sector of ``SegmentHeader``; batches follow, each beginning
/// on a sector of its own, so that a write in progress can never damage a sector that was synced before it. What comes
/// after the last batch is either zeros or what a former use of the file left there; neither is ever read as current,
/// because a batch names the segment, the offset and the epoch that it was written in.
package enum LogFormat {
  /// The version that this code writes, and the only one that it reads.
  package static let version: UInt16 = 1
  /// The unit of alignment: no two writes that are synced separately share one.
  package static let sectorSize = 512
  /// Cluster ids longer than this many bytes of UTF-8 are refused.
  package static let maximumClusterIDLength = 128
  /// The longest body of one batch, in bytes.
  ///
  /// A longer length is damage.
  package static let maximumBodyLength = 1 << 30

  /// Rounds a byte count up to whole sectors.
  package static func padded(_ count: Int) -> Int {
    (count + Self.sectorSize - 1) / Self.sectorSize * Self.sectorSize
  }

  /// How the bodies of a segment's batches are wrapped.
  package enum Sealing: UInt8, Sendable {
    /// Plaintext.
    case none = 0
  }
}
