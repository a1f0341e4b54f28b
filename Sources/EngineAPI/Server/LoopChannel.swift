// SPDX-License-Identifier: Apache-2.0

internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import SwarmSockets

/// A connection whose requests are served on its own event loop.
///
/// A small request is a chain of short steps: on the pool of threads that all tasks share, switching threads between them takes longer than the steps.
struct LoopChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  /// Whether clients are on machines of their own, which can vanish without a word.
  let isRemote: Bool
  /// How long a connection may be idle.
  let idleTimeout: Duration

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    channel.eventLoop.makeCompletedFuture {
      if self.isRemote {
        for (option, value) in KeepAlive.probes { try channel.syncOptions?.setOption(option, value: value) }
        try channel.pipeline.syncOperations.addHandler(VanishedClientHandler())
      }
      // Before those for HTTP, which the base adds.
      try channel.pipeline.syncOperations.addHandler(ConnectionTap())
    }.flatMap { self.base.setup(channel: channel, logger: logger) }.flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(IdleConnectionHandler(patience: TimeAmount(self.idleTimeout)), position: .after(parser))
      return value
    }
  }

  func handle(value: Base.Value, logger: Logger) async {
    await withTaskExecutorPreference(EventLoopTasks(value.channel.eventLoop)) {
      await self.base.handle(value: value, logger: logger)
    }
  }
}
