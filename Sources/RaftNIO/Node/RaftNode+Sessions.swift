// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import Raft

/// Commands that happen exactly once, however often they are proposed.
extension RaftNode {
  /// Opens a session, and gives the client its identity, which nobody else ever gets.
  ///
  /// Number the client's requests with `RequestNumbers`. A session ends with ``closeSession(_:)``, or after a time without
  /// requests (`ClientSessions.Limits.lifetime`, by the time that entries carry).
  ///
  /// - Parameter time: the time since 1970 that the entry carries; `nil` for this machine's clock. Clocks of members needn't agree
  ///   well: the group counts with the latest time that it saw, so one that runs ahead makes sessions end sooner.
  /// - Throws: as ``propose(_:)``. A session that was opened without the client hearing of it expires.
  public func openSession<Base>(at time: Duration? = nil) async throws -> LogIndex where Machine == SessionMachine<Base> {
    guard case .opened(let client) = try await self.propose(SessionCommand.open(time: time ?? .sinceEpoch).encoded).output else {
      preconditionFailure("opening a session gave something else")
    }
    return client
  }

  /// Proposes a request, and waits until this member has applied it: carried out by this attempt or by an earlier one.
  ///
  /// When it throws `outcomeUnknown` for lost leadership, propose it again under the same name, here or on another member: it is
  /// carried out once, and its output is the first one.
  ///
  /// - Parameters:
  ///   - payload: the command.
  ///   - request: its name: the client, and its number among the client's requests.
  ///   - time: the time since 1970 that the entry carries; `nil` for this machine's clock.
  /// - Returns: The place of this attempt in the log, and what carrying the request out gave.
  /// - Throws: as ``propose(_:)``, and ``RaftError`` with code `sessionExpired` when the client has no session: this attempt wasn't
  ///   carried out, and whether an earlier one was can't be known; `outcomeUnknown` when the request was carried out, but the
  ///   client named it as answered, or sent too many others meanwhile (`ClientSessions.Limits.outputs`).
  public func propose<Base>(
    _ payload: [UInt8],
    as request: ClientRequest<LogIndex>,
    at time: Duration? = nil
  ) async throws -> (index: LogIndex, output: Base.Output) where Machine == SessionMachine<Base> {
    let command = SessionCommand.request(request, time: time ?? .sinceEpoch, payload: payload[...])
    let result = try await self.propose(command.encoded)
    switch result.output {
    case .output(let output): return (result.index, output)
    case .refused(let error): throw error
    case .opened, .closed: preconditionFailure("a request gave the outcome of something else")
    }
  }

  /// Ends a session whose client won't come back.
  ///
  /// - Throws: as ``propose(_:)``.
  public func closeSession<Base>(_ client: LogIndex) async throws where Machine == SessionMachine<Base> {
    _ = try await self.propose(SessionCommand.close(client).encoded)
  }
}

extension Duration {
  /// The time since 1970 by this machine's clock.
  fileprivate static var sinceEpoch: Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
