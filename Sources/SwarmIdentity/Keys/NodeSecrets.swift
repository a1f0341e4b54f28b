// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// The keys of one node: what its key file holds.
public struct NodeSecrets: Sendable, Equatable {
  /// The keys of the node's certificate, PEM.
  ///
  /// One, but while the certificate is being replaced: then the file has the key of the next one already, and whichever certificate is found decides.
  public var certificateKeys: [[UInt8]]
  /// The keys that the Raft log is encrypted with, the newest first; none on a worker.
  public var logKeys: [[UInt8]]
  /// How many older keys of the log were forgotten, because nothing is encrypted with them any more.
  public private(set) var forgottenLogKeys: UInt64 = 0
  /// Raised with every change of the unlock key, so that an old key file is told from a wrong key.
  public var unlockVersion: UInt64

  /// Creates a value.
  public init(certificateKeys: [[UInt8]] = [], logKeys: [[UInt8]] = [], unlockVersion: UInt64 = 0) {
    self.certificateKeys = certificateKeys
    self.logKeys = logKeys
    self.unlockVersion = unlockVersion
  }

  /// The numbers that the log knows its keys by, in the order of ``logKeys``: they count from 1 in the order in which keys were made.
  public var logKeyNumbers: [UInt64] {
    let newest = self.forgottenLogKeys + UInt64(self.logKeys.count)
    return self.logKeys.indices.map { newest - UInt64($0) }
  }

  /// Forgets the log's oldest keys up to the first one that is still used; the newest stays in any case.
  ///
  /// - Parameter numbers: the keys that files of the log name.
  /// - Returns: the numbers of the keys that are gone.
  public mutating func forgetLogKeys(unusedIn numbers: Set<UInt64>) -> [UInt64] {
    var gone: [UInt64] = []
    while self.logKeys.count > 1, let oldest = self.logKeyNumbers.last, !numbers.contains(oldest) {
      self.logKeys.removeLast()
      self.forgottenLogKeys += 1
      gone.append(oldest)
    }
    return gone
  }

  /// Forgets all keys of the log, which is no more.
  public mutating func forgetLog() {
    self.logKeys = []
    self.forgottenLogKeys = 0
  }
}

extension NodeSecrets: WireRecord {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    var certificateKeys = self.certificateKeys.map(KeyBytes.init)
    var logKeys = self.logKeys.map(KeyBytes.init)
    try fields.visit(1, &certificateKeys)
    try fields.visit(2, &logKeys)
    try fields.visit(3, &self.unlockVersion)
    try fields.visit(4, &self.forgottenLogKeys)
    self.certificateKeys = certificateKeys.map(\.bytes)
    self.logKeys = logKeys.map(\.bytes)
  }
}

/// One key among several.
private struct KeyBytes: WireRecord, WireElement {
  var bytes: [UInt8]

  static var blank: Self { Self(bytes: []) }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.bytes)
  }
}

extension NodeSecrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Says only what this is.
  public var description: String { "a node's secrets" }

  /// Says only what this is.
  public var debugDescription: String { self.description }

  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
