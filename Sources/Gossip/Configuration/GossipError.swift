// SPDX-License-Identifier: Apache-2.0

/// What went wrong, as a code to decide on and a sentence to show.
public struct GossipError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller can decide on.
  public var code: Code
  /// One sentence for people.
  public var message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The code and the sentence in one line.
  public var description: String { "\(self.code): \(self.message)" }

  /// What kind of error it is.
  ///
  /// New codes may be added, so a `switch` needs a default.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Value {
      case invalidIdentity, invalidConfiguration, tooLarge, malformed, unsupportedFormat, wrongLabel, unexpected, left, full
      case wrongKey, notSealed, replayed, keyInUse, unreachable, transportFailed, storageFailed, stopped
    }

    private var value: Value

    /// A name or an epoch that no member can have.
    public static let invalidIdentity = Code(value: .invalidIdentity)
    /// The configuration contradicts itself.
    public static let invalidConfiguration = Code(value: .invalidConfiguration)
    /// Metadata, a broadcast, a key or a value is longer than allowed.
    ///
    /// Nothing was changed.
    public static let tooLarge = Code(value: .tooLarge)
    /// Bytes from outside that can't be right.
    ///
    /// Nothing of them was taken.
    public static let malformed = Code(value: .malformed)
    /// A format version that this version doesn't speak.
    public static let unsupportedFormat = Code(value: .unsupportedFormat)
    /// The sender belongs to another cluster.
    public static let wrongLabel = Code(value: .wrongLabel)
    /// A frame that makes no sense at this point of an exchange.
    public static let unexpected = Code(value: .unexpected)
    /// This node has left; nothing can be announced any more.
    public static let left = Code(value: .left)
    /// A table, queue or key ring is at its limit.
    ///
    /// Nothing was changed.
    public static let full = Code(value: .full)
    /// Something is sealed with a key that isn't in the ring, or a key that isn't there is asked for.
    public static let wrongKey = Code(value: .wrongKey)
    /// Something came in the clear, and this member takes only what is sealed.
    public static let notSealed = Code(value: .notSealed)
    /// Something that came before came again.
    public static let replayed = Code(value: .replayed)
    /// The key that seals can't be removed.
    public static let keyInUse = Code(value: .keyInUse)
    /// No address could be joined.
    public static let unreachable = Code(value: .unreachable)
    /// A socket couldn't be opened.
    public static let transportFailed = Code(value: .transportFailed)
    /// A file can't be read or written.
    public static let storageFailed = Code(value: .storageFailed)
    /// The node isn't running any more.
    public static let stopped = Code(value: .stopped)

    /// The name of the code.
    public var description: String { String(describing: self.value) }
  }
}
