// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import Logging
internal import NIOCore

/// Notices that the other side of a connection has hung up.
///
/// Whoever waits for the next piece of an answer writes nothing, and would never learn it by itself.
final class HangUpObserver: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  /// The observer of each connection is found by its type; `nil` before it is in its place.
  private var promise: EventLoopPromise<Void>?

  func handlerAdded(context: ChannelHandlerContext) {
    self.promise = context.eventLoop.makePromise()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.promise?.succeed()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { self.promise?.succeed() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.promise?.succeed()
    context.fireChannelInactive()
  }

  /// Waits until the other side of a connection has hung up, or the task is cancelled; at once when nobody observes the connection.
  static func wait(_ channel: any Channel) async {
    let hungUp = try? await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.handler(type: Self.self).promise?.futureResult
    }.get()
    guard let hungUp else { return }
    let (end, continuation) = AsyncStream<Never>.makeStream()
    hungUp.whenComplete { _ in continuation.finish() }
    for await _ in end {}
  }
}

/// The context of a request to our own server: also knows the connection.
struct EngineRequestContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    self.coreContext = CoreRequestContextStorage(source: source)
    self.channel = source.channel
  }
}
