// SPDX-License-Identifier: Apache-2.0

internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import SwarmSockets

/// A connection whose requests are served on its own event loop.
///
/// A small request is a chain of short steps: on the pool of threads that all tasks share, switching threads between them takes longer than the steps.
struct LoopChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    self.base.setup(channel: channel, logger: logger)
  }

  func handle(value: Base.Value, logger: Logger) async {
    await withTaskExecutorPreference(EventLoopTasks(value.channel.eventLoop)) {
      await self.base.handle(value: value, logger: logger)
    }
  }
}
