// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import Dispatch
internal import SwarmAgent
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// One thread that waits for everything that happens to a node's tasks, and does something regularly (renews the lease).
///
/// It is a thread of its own because the lease must be renewed however busy the threads are that run Swift tasks; and one
/// `epoll` for all, because a node may have thousands of tasks.
final class Supervisor: Sendable {
  private typealias Resumption = CheckedContinuation<Bool, any Error>

  private struct Waiter {
    var descriptors: [Descriptor]
    /// Whether there is something to write rather than to read.
    var isWriting = false
    var deadline: Int64?
    var resumption: Resumption?
  }

  private struct State {
    var waiters: [UInt64: Waiter] = [:]
    /// Waiters with a deadline; few at any time.
    var deadlines: [UInt64: Int64] = [:]
    /// Children that nobody may be waiting for.
    var children: [UInt64: Descriptor] = [:]
    /// Whether the thread goes on for them alone.
    var isLingering = false
    var nextToken: UInt64 = 1
    var isStopping = false
    var hasStopped = false
    var joiners: [CheckedContinuation<Void, Never>] = []
  }

  private let queue = DispatchQueue(label: "swarm.process-runtime.supervisor")
  private let state = Mutex(State())
  private let poll: Descriptor
  private let wake: Descriptor

  /// Starts the thread.
  ///
  /// `work` is done at once and then again after every `interval`.
  init(every interval: Duration, _ work: @escaping @Sendable () -> Void) throws(RuntimeError) {
    let poll = swarm_poll_create()
    guard poll >= 0 else { throw .system("make an event queue", errno) }
    self.poll = Descriptor(owning: poll)
    let wake = swarm_wake_create()
    guard wake >= 0 else { throw .system("make an event queue", errno) }
    self.wake = Descriptor(owning: wake)
    try self.add(self.wake, token: 0)
    self.queue.async { self.loop(every: max(interval.nanoseconds, 1_000_000), work) }
    // Afterwards, and without the work, which may hold files open.
    self.queue.async { self.linger() }
  }

  /// Ends the regular work; whoever waits gets an error.
  ///
  /// The thread ends with the last child.
  func requestStop() {
    self.state.withLock { $0.isStopping = true }
    self.interrupt()
  }

  /// Returns when the regular work has ended.
  func stopped() async {
    await withCheckedContinuation { continuation in
      let isOver = self.state.withLock { state in
        if !state.hasStopped { state.joiners.append(continuation) }
        return state.hasStopped
      }
      if isOver { continuation.resume() }
    }
  }

  /// Waits until one of the descriptors has something to read, is at its end, or belongs to a process that has ended.
  ///
  /// - Parameters:
  ///   - descriptors: each of them may be waited for in one place at a time.
  ///   - limit: how long to wait; `nil` means without end.
  /// - Returns: false when the time was over first.
  /// - Throws: `CancellationError`, or ``RuntimeError/Code/interrupted`` when the runtime is closed.
  @discardableResult
  func readable(_ descriptors: [Descriptor], within limit: Duration? = nil) async throws -> Bool {
    try await self.wait(for: Waiter(descriptors: descriptors, resumption: nil), within: limit)
  }

  /// Waits until something can be written to a descriptor, or nobody reads it any more.
  ///
  /// The descriptor may be waited for in one place at a time.
  ///
  /// - Throws: `CancellationError`, or ``RuntimeError/Code/interrupted`` when the runtime is closed.
  func writable(_ descriptor: Descriptor) async throws {
    try await self.wait(for: Waiter(descriptors: [descriptor], isWriting: true, resumption: nil), within: nil)
  }

  @discardableResult
  private func wait(for waiter: Waiter, within limit: Duration?) async throws -> Bool {
    let token = self.state.withLock { state in
      state.nextToken += 1
      return state.nextToken
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        var waiter = waiter
        waiter.deadline = limit.map { swarm_boottime() + $0.nanoseconds }
        waiter.resumption = continuation
        self.enter(token, waiter)
      }
    } onCancel: {
      self.leave(token)?.resume(throwing: CancellationError())
    }
  }

  /// Reaps a child when it has ended, whether or not anybody waits for it.
  ///
  /// Tasks outlive their runtime, so this holds after the stop, too.
  func reap(_ child: Descriptor) {
    let isFirstOfLate = self.state.withLock { state in
      state.nextToken += 1
      guard (try? self.add(child, token: state.nextToken)) != nil else { return false }
      state.children[state.nextToken] = child
      guard state.hasStopped, !state.isLingering else { return false }
      state.isLingering = true
      return true
    }
    if isFirstOfLate { self.queue.async { self.linger() } }
  }

  // MARK: Waiters

  private func enter(_ token: UInt64, _ waiter: Waiter) {
    let refusal: (any Error)? = self.state.withLock { state in
      guard !state.isStopping else { return Self.closed }
      // The handler of a cancellation that came earlier found nothing to cancel.
      guard !Task.isCancelled else { return CancellationError() }
      do {
        for descriptor in waiter.descriptors { try self.add(descriptor, token: token, isWriting: waiter.isWriting) }
      } catch {
        for descriptor in waiter.descriptors { self.remove(descriptor) }
        return error
      }
      state.waiters[token] = waiter
      state.deadlines[token] = waiter.deadline
      return nil
    }
    if let refusal {
      waiter.resumption?.resume(throwing: refusal)
    } else if waiter.deadline != nil {
      self.interrupt()
    }
  }

  private func leave(_ token: UInt64) -> Resumption? {
    self.state.withLock { state in self.leave(token, &state) }
  }

  private func leave(_ token: UInt64, _ state: inout State) -> Resumption? {
    guard let waiter = state.waiters.removeValue(forKey: token) else { return nil }
    state.deadlines[token] = nil
    for descriptor in waiter.descriptors { self.remove(descriptor) }
    return waiter.resumption
  }

  // MARK: The thread

  private func loop(every interval: Int64, _ work: () -> Void) {
    var next = Int64.min
    while !self.state.withLock({ $0.isStopping }) {
      let now = swarm_boottime()
      if now >= next {
        work()
        next = now + interval
      }
      self.expire(now)
      let deadline = self.state.withLock { min(next, $0.deadlines.values.min() ?? next) }
      let milliseconds = max(0, (deadline - swarm_boottime() + 999_999) / 1_000_000)
      self.fireNext(within: Int32(clamping: milliseconds))
    }
    self.finish()
  }

  /// Reaps the children that are left: without it they would be zombies until the host ends.
  private func linger() {
    while true {
      let isOver = self.state.withLock { state in
        state.isLingering = !state.children.isEmpty
        return !state.isLingering
      }
      if isOver { return }
      self.fireNext(within: -1)
    }
  }

  private func fireNext(within milliseconds: Int32) {
    var tokens = [UInt64](repeating: 0, count: 64)
    let count = unsafe swarm_poll_wait(self.poll.number, &tokens, Int32(tokens.count), milliseconds)
    for token in tokens.prefix(Int(max(count, 0))) { self.fire(token) }
  }

  private func fire(_ token: UInt64) {
    if token == 0 {
      _ = try? self.wake.readAvailable(count: 8)
      return
    }
    let (resumption, child) = self.state.withLock { state in
      let child = state.children.removeValue(forKey: token)
      if let child { self.remove(child) }
      return (self.leave(token, &state), child)
    }
    if let child { swarm_pidfd_reap(child.number) }
    resumption?.resume(returning: true)
  }

  private func expire(_ now: Int64) {
    let expired = self.state.withLock { state in
      state.deadlines.filter { $0.value <= now }.keys.sorted().compactMap { self.leave($0, &state) }
    }
    for resumption in expired { resumption.resume(returning: false) }
  }

  private func finish() {
    let (waiters, joiners) = self.state.withLock { state in
      let waiters = state.waiters.keys.sorted().compactMap { self.leave($0, &state) }
      state.hasStopped = true
      state.isLingering = true
      defer { state.joiners = [] }
      return (waiters, state.joiners)
    }
    for waiter in waiters { waiter.resume(throwing: Self.closed) }
    for joiner in joiners { joiner.resume() }
  }

  /// What waiters get when the runtime is closed.
  static var closed: RuntimeError {
    RuntimeError(code: .interrupted, message: "the process runtime was closed")
  }

  // MARK: epoll

  private func add(_ descriptor: Descriptor, token: UInt64, isWriting: Bool = false) throws(RuntimeError) {
    let add = isWriting ? swarm_poll_add_writing : swarm_poll_add
    guard add(self.poll.number, descriptor.number, token) == 0 else {
      throw .system("watch a descriptor", errno)
    }
  }

  private func remove(_ descriptor: Descriptor) {
    swarm_poll_remove(self.poll.number, descriptor.number)
  }

  private func interrupt() {
    swarm_wake(self.wake.number)
  }
}
