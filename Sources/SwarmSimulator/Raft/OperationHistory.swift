// SPDX-License-Identifier: Apache-2.0

/// What clients asked for and were told, for the check that there is one order that explains it all (R9).
struct OperationHistory: Sendable {
  /// One operation of one client.
  struct Operation: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
      case get
      case put(UInt64)
      case swap(expected: UInt64, UInt64)
    }

    var key: Int
    var kind: Kind
    var invoked: Nanoseconds
    /// Nil while nobody knows: it may take effect at any time, or never.
    var returned: Nanoseconds?
    /// The value that was there before; nil while nobody knows.
    var previous: UInt64?
  }

  private(set) var operations: [Operation] = []

  /// - Returns: the operation's number.
  mutating func began(_ operation: Operation) -> Int {
    self.operations.append(operation)
    return self.operations.count - 1
  }

  mutating func returned(_ number: Int, previous: UInt64, at time: Nanoseconds) {
    self.operations[number].returned = time
    self.operations[number].previous = previous
  }

  /// A sentence about the first key whose operations no order explains; nil when there is an order for every key.
  func complaint(keys: Int) -> String? {
    for key in 0..<keys {
      let checker = LinearizabilityChecker(self.operations.filter { $0.key == key })
      if checker.verdict() == .impossible { return "R9: no order explains what clients saw of key \(key)" }
    }
    return nil
  }
}
