// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// Why a stream is closed before anything of it was taken.
///
/// It is said in the clear, because the two sides may share no key; whoever hears it can show it, and must not act on it.
enum Refusal: UInt8, Sendable {
  case wrongKey = 1
  case wrongLabel = 2
  case notSealed = 3
  case malformed = 4
  case busy = 5

  /// What a frame that refuses begins with.
  static let format: UInt8 = 0x80

  init(_ error: GossipError) {
    self =
      switch error.code {
      case .wrongKey: .wrongKey
      case .wrongLabel: .wrongLabel
      case .notSealed: .notSealed
      default: .malformed
      }
  }

  /// What the other side reports.
  var error: GossipError {
    switch self {
    case .wrongKey: GossipError(.wrongKey, "the other side doesn't have the key that this member seals with")
    case .wrongLabel: GossipError(.wrongLabel, "the other side belongs to another cluster")
    case .notSealed: GossipError(.notSealed, "the other side takes only what is sealed, and this member has no key")
    case .malformed: GossipError(.malformed, "the other side couldn't read what was sent")
    case .busy: GossipError(.full, "the other side has too many streams open")
    }
  }
}
