// SPDX-License-Identifier: Apache-2.0

package import SwarmControl
package import SwarmKitProtobuf
package import SwarmModel
internal import SwiftProtobuf

extension LogSelector: ProtoMapped {
  package init(_ proto: ProtoLogSelector) throws(SwarmError) {
    self.init(
      services: try proto.serviceIds.identifiers(),
      nodes: try proto.nodeIds.identifiers(),
      tasks: try proto.taskIds.identifiers()
    )
  }

  package var proto: ProtoLogSelector {
    var proto = ProtoLogSelector()
    proto.serviceIds = self.services.map(\.description)
    proto.nodeIds = self.nodes.map(\.description)
    proto.taskIds = self.tasks.map(\.description)
    return proto
  }
}

extension LogRequest {
  /// Reads a selector and options; no streams at all mean both.
  init(_ selector: ProtoLogSelector, _ options: ProtoLogSubscriptionOptions) throws(SwarmError) {
    let sources = options.streams.compactMap { LogSource(rawValue: UInt8(clamping: $0.rawValue)) }
    self.init(
      selector: try LogSelector(selector),
      sources: Set(sources.isEmpty ? LogSource.allCases : sources),
      follow: options.follow,
      tail: try Self.tail(options.tail),
      since: options.hasSince ? Timestamp(options.since) : nil
    )
  }

  /// The options' message.
  var options: ProtoLogSubscriptionOptions {
    var proto = ProtoLogSubscriptionOptions()
    proto.streams = self.sources.sorted { $0.rawValue < $1.rawValue }.map(ProtoLogStream.init(wire:))
    proto.follow = self.follow
    // Minus one is no line at all, and so on; zero is all of them.
    if let tail { proto.tail = -1 - Int64(clamping: tail) }
    if let since { proto.since = since.proto }
    return proto
  }

  private static func tail(_ number: Int64) throws(SwarmError) -> Int? {
    guard number <= 0 else {
      throw SwarmError(code: .unimplemented, message: "logs can't be counted from their beginning")
    }
    return number == 0 ? nil : Int(clamping: -1 - number)
  }
}

extension LogRequest: ProtoMapped {
  package init(_ proto: ProtoSubscribeLogsRequest) throws(SwarmError) {
    try self.init(proto.selector, proto.options)
  }

  package var proto: ProtoSubscribeLogsRequest {
    var proto = ProtoSubscribeLogsRequest()
    proto.selector = self.selector.proto
    proto.options = self.options
    return proto
  }
}

extension LogOrder: ProtoMapped {
  package init(_ proto: ProtoSubscriptionMessage) throws(SwarmError) {
    self.init(
      subscription: try LogSubscriptionID(wire: proto.id),
      request: proto.close ? nil : try LogRequest(proto.selector, proto.options)
    )
  }

  package var proto: ProtoSubscriptionMessage {
    var proto = ProtoSubscriptionMessage()
    proto.id = self.subscription.description
    if let request {
      proto.selector = request.selector.proto
      proto.options = request.options
    } else {
      proto.close = true
    }
    return proto
  }
}

extension LogMessage: ProtoMapped {
  package init(_ proto: ProtoLogMessage) throws(SwarmError) {
    self.init(
      service: proto.context.serviceID.isEmpty ? nil : try ServiceID(wire: proto.context.serviceID),
      node: try NodeID(wire: proto.context.nodeID),
      task: try TaskID(wire: proto.context.taskID),
      time: Timestamp(proto.timestamp),
      source: try LogSource(wire: proto.stream),
      bytes: [UInt8](proto.data),
      attributes: Dictionary(proto.attrs.map { ($0.key, $0.value) }) { _, last in last }
    )
  }

  package var proto: ProtoLogMessage {
    var proto = ProtoLogMessage()
    proto.context.serviceID = self.service?.description ?? ""
    proto.context.nodeID = self.node.description
    proto.context.taskID = self.task.description
    proto.timestamp = self.time.proto
    proto.stream = .init(wire: self.source)
    proto.data = .init(wire: self.bytes)
    proto.attrs = self.attributes.sorted { $0.key < $1.key }.map { key, value in
      var attribute = ProtoLogAttr()
      attribute.key = key
      attribute.value = value
      return attribute
    }
    return proto
  }
}

extension LogPublication: ProtoMapped {
  package init(_ proto: ProtoPublishLogsMessage) throws(SwarmError) {
    self.init(
      subscription: try LogSubscriptionID(wire: proto.subscriptionID),
      messages: try proto.messages.models(),
      isLast: proto.close
    )
  }

  package var proto: ProtoPublishLogsMessage {
    get throws(SwarmError) {
      var proto = ProtoPublishLogsMessage()
      proto.subscriptionID = self.subscription.description
      proto.messages = try self.messages.protos
      proto.close = self.isLast
      return proto
    }
  }
}

extension Array where Element == String {
  fileprivate func identifiers<Kind>() throws(SwarmError) -> [Identifier<Kind>] {
    try self.map { text throws(SwarmError) in try Identifier(wire: text) }
  }
}
