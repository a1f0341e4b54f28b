// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// One command beside a task, between who asked for it and the node that runs it.
final class ExecVisit: Sendable {
  /// The node that is to run it.
  let node: NodeID
  private let input: any AsyncSequence<ExecInput, any Error> & Sendable
  private let output: @Sendable (ExecOutput) async throws -> Void
  private let result = Latch<Result<Int32, any Error>>()
  /// Set when the node has come, or when it won't any more.
  private let arrival = Latch<Void>()
  /// Set when who asked has gone.
  private let isUnwanted = Latch<Void>()
  /// Whether a node has come, and whether it left again.
  private let meeting = Mutex(Meeting.none)
  private let departure = Latch<Void>()

  private enum Meeting { case none, running, refused }

  init(
    node: NodeID,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) {
    self.node = node
    self.input = input
    self.output = output
  }

  // MARK: - Who asked

  /// Waits for the end of the command; nobody reads the input and nobody calls `output` after this.
  ///
  /// - Parameter patience: how long the node may take to come.
  func outcome(within patience: Duration) async throws -> Int32 {
    do {
      return try await withThrowingTaskGroup(of: Int32?.self) { group in
        group.addTask { try await self.result.wait().get() }
        group.addTask {
          try await Task.sleep(for: patience)
          guard self.arrival.value == nil else { return nil }
          throw SwarmError(code: .deadlineExceeded, message: "node \(self.node) didn't take the command in time")
        }
        defer { group.cancelAll() }
        while let code = try await group.next() {
          if let code { return code }
        }
        throw CancellationError()
      }
    } catch {
      await self.leave()
      throw error
    }
  }

  /// It won't be run, or not to its end.
  func fail(_ error: any Error) {
    self.result.set(.failure(error))
    self.isUnwanted.set(())
  }

  private func leave() async {
    self.isUnwanted.set(())
    let isRunning = self.meeting.withLock { meeting in
      if meeting == .none { meeting = .refused }
      return meeting == .running
    }
    // What is in the hands of the node's call is waited for, cancelled or not.
    if isRunning { await Task { try? await self.departure.wait() }.value }
  }

  // MARK: - The node

  /// Carries input to the node and output from it until the command has ended or nobody wants it any more.
  func run(
    _ events: AsyncThrowingStream<ExecEvent, any Error>,
    _ send: @escaping @Sendable (ExecInput) async throws -> Void
  ) async throws {
    let isFirst = self.meeting.withLock { meeting in
      guard meeting == .none else { return false }
      meeting = .running
      return true
    }
    guard isFirst else { throw SwarmError(code: .notFound, message: "nobody waits for this command any more") }
    self.arrival.set(())
    defer { self.departure.set(()) }
    do {
      self.result.set(.success(try await self.exchange(events, send)))
    } catch {
      self.result.set(.failure(error))
      throw error
    }
  }

  private func exchange(
    _ events: AsyncThrowingStream<ExecEvent, any Error>,
    _ send: @escaping @Sendable (ExecInput) async throws -> Void
  ) async throws -> Int32 {
    try await withThrowingTaskGroup(of: Int32?.self) { group in
      group.addTask {
        do {
          for try await event in events {
            switch event {
            case .output(let piece): try await self.output(piece)
            case .exited(let code): return code
            case .failed(let error): return try { throw error }()
            }
          }
        } catch let error as SwarmError {
          throw error
        } catch {
          try Task.checkCancellation()
          throw SwarmError(code: .unavailable, message: "the connection to node \(self.node) was lost", cause: error)
        }
        throw SwarmError(code: .unavailable, message: "node \(self.node) gave the command up")
      }
      group.addTask {
        for try await piece in self.input { try await send(piece) }
        try await send(.end)
        return nil
      }
      group.addTask {
        try await self.isUnwanted.wait()
        throw CancellationError()
      }
      defer { group.cancelAll() }
      while let code = try await group.next() {
        if let code { return code }
      }
      throw CancellationError()
    }
  }
}
