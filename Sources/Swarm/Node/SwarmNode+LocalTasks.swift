// SPDX-License-Identifier: Apache-2.0

package import SwarmAgent
internal import SwarmControl
package import SwarmModel
internal import Synchronization

/// What this node has itself, as its agent knows it: on a worker as well, and while there is no leader.
extension SwarmNode {
  /// The tasks that were started here and that managers haven't forgotten, sorted by id; none outside a swarm.
  package var localTasks: [SwarmTask] { self.state.withLock(\.membership)?.agent.tasks ?? [] }

  /// What is used of this node now, and what its running tasks use.
  ///
  /// - Throws: what the node's runtime throws, in the words of the swarm.
  package func localUsage() async throws -> NodeUsage {
    guard let agent = self.state.withLock(\.membership)?.agent else { throw SwarmError.notInSwarm }
    do {
      return try await agent.usage()
    } catch let error as RuntimeError {
      throw SwarmError(code: .unavailable, message: error.message, cause: error)
    }
  }

  /// Runs a command beside a task on this node, and returns its exit code; it ends, by force, with the call.
  ///
  /// - Throws: `notFound` when the task isn't on this node; else as ``Tasks/exec(_:_:input:output:)``.
  package func execLocally(
    _ request: ExecRequest,
    beside task: TaskID,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try request.validate()
    guard let agent = self.state.withLock(\.membership)?.agent else { throw SwarmError.notInSwarm }
    return try await agent.exec(request, beside: task, input: input, output: output)
  }

  /// What a task on this node wrote; empty when the task isn't here.
  package func localLogs(of task: SwarmTask, _ options: LogOptions) throws(SwarmError) -> SwarmLogs {
    guard let membership = self.state.withLock(\.membership) else { throw .notInSwarm }
    let (agent, node) = (membership.agent, membership.identity.nodeID)
    let feed = LogFeed(limit: LogReading.buffer)
    self.spawn {
      await LogReading.run(into: feed) {
        do {
          for try await record in agent.logs(of: task.id, options) {
            let line = TaskLogLine(
              service: task.serviceID,
              node: node,
              task: task.id,
              timestamp: record.timestamp,
              stream: record.stream,
              bytes: record.bytes
            )
            try await feed.send([line.message])
          }
          feed.finish()
        } catch let error as RuntimeError {
          // What a task that is gone has written is gone with it.
          feed.finish(
            throwing: error.code == .notFound ? nil : SwarmError(code: .unavailable, message: error.message, cause: error)
          )
        } catch {
          feed.finish(throwing: error)
        }
      }
    }
    return SwarmLogs(feed: feed)
  }
}
