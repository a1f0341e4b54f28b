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
    /// A table or queue is at its limit.
    ///
    /// Nothing was changed.
    public static let full = Code(value: .full)

    /// The name of the code.
    public var description: String { String(describing: self.value) }
  }
}
