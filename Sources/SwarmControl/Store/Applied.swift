// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// The result of applying an entry.
package struct Applied: Sendable {
  /// The entry's index.
  package var index: UInt64
  /// What the entry did.
  package var changes: ChangeSet
  /// The parts that were refused because the state had moved on.
  package var rejections: [Rejection] = []
  /// Whether the entry repeats a request that was applied before; then nothing changed.
  package var wasDuplicate = false
  /// The outcome for the client; the first one's when ``wasDuplicate``.
  package var outcome: Outcome

  /// The first rejection's error, or the error that the repeated request had.
  package var firstError: SwarmError? { self.outcome.error }

  /// A refused change, or a refused item of one.
  package struct Rejection: Sendable, Hashable {
    /// The position of the change in its entry.
    package var ordinal: Int
    /// The position of the item in the change; `nil` when the whole change was refused.
    package var item: Int?
    /// Why.
    package var error: SwarmError

    package init(ordinal: Int, item: Int? = nil, error: SwarmError) {
      self.ordinal = ordinal
      self.item = item
      self.error = error
    }
  }
}

/// What a client's request came to; remembered so that a retry gets the same answer.
package struct Outcome: Sendable, Hashable {
  /// The version that the request's first change wrote.
  package var version: Version
  /// The id of the object that the request's first change was about; empty when there is none.
  package var subject: String
  /// The first error; `nil` when everything was applied.
  package var error: SwarmError?

  package init(version: Version, subject: String = "", error: SwarmError? = nil) {
    self.version = version
    self.subject = subject
    self.error = error
  }
}
