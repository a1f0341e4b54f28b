// SPDX-License-Identifier: Apache-2.0

package import SwarmModel
package import SwiftProtobuf

/// A value that has a message on the wire.
package protocol ProtoMapped {
  /// The message.
  associatedtype Proto: SwiftProtobuf.Message

  /// Reads a message; throws `invalidArgument` or `dataLoss` when it doesn't hold such a value.
  init(_ proto: Proto) throws(SwarmError)

  /// The message that stands for this value.
  var proto: Proto { get throws(SwarmError) }
}

extension Array where Element: ProtoMapped {
  /// The messages that stand for these values.
  var protos: [Element.Proto] {
    get throws(SwarmError) {
      try self.map { element throws(SwarmError) in try element.proto }
    }
  }
}

extension Array where Element: SwiftProtobuf.Message {
  /// Reads a list of messages.
  func models<Model: ProtoMapped>() throws(SwarmError) -> [Model] where Model.Proto == Element {
    try self.map { proto throws(SwarmError) in try Model(proto) }
  }
}
