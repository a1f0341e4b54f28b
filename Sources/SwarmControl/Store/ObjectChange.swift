// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// What happened to one object: it was created (no old), updated (both) or removed (no new).
package struct ObjectChange<Value: Sendable>: Sendable {
  /// The object before, in its box.
  package let oldBox: Stored<Value>?
  /// The object after, in its box.
  package let newBox: Stored<Value>?
  /// The change of the log that did it.
  package let version: Version
  /// When the leader wanted it.
  package let time: Timestamp

  init(old: Stored<Value>?, new: Stored<Value>?, by application: Application) {
    self.oldBox = old
    self.newBox = new
    self.version = application.version
    self.time = application.time
  }

  /// The object before; `nil` when it was created.
  package var old: Value? { self.oldBox?.value }
  /// The object after; `nil` when it was removed.
  package var new: Value? { self.newBox?.value }
  /// The object after, or as it was when it was removed, in its box.
  package var currentBox: Stored<Value>? { self.newBox ?? self.oldBox }

  /// What happened.
  package var action: ChangeAction {
    if self.newBox == nil { return .remove }
    return self.oldBox == nil ? .create : .update
  }
}

/// What can happen to an object.
package enum ChangeAction: UInt8, Sendable, Hashable {
  /// The object was created.
  case create = 1
  /// The object was changed.
  case update = 2
  /// The object was removed.
  case remove = 4
}
