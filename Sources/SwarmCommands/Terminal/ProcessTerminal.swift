// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The standard files of this process.
struct ProcessTerminal: UserTerminal {
  var isInput: Bool { isatty(STDIN_FILENO) == 1 }
  var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

  var size: ScreenSize? {
    var size = winsize()
    for file in [STDOUT_FILENO, STDIN_FILENO] where unsafe ioctl(file, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
      return ScreenSize(columns: size.ws_col, rows: size.ws_row)
    }
    return nil
  }

  /// A thread of its own reads, because a read blocks for as long as the user thinks.
  var input: AsyncThrowingStream<[UInt8], any Error> {
    let queue = DispatchQueue(label: "swarmctl.input")
    return AsyncThrowingStream {
      let isUnwanted = Flag()
      let bytes = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          queue.async { continuation.resume(returning: Self.read(unless: isUnwanted)) }
        }
      } onCancel: {
        isUnwanted.raise()
      }
      return bytes.isEmpty ? nil : bytes
    }
  }

  /// Looked at a few times a second, which is as fast as somebody drags a window.
  var sizes: AsyncStream<ScreenSize> {
    let last = Mutex(self.size)
    return AsyncStream {
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(200))
        guard let size = self.size, size != last.withLock(\.self) else { continue }
        last.withLock { $0 = size }
        return size
      }
      return nil
    }
  }

  func withRawMode<Value>(_ body: () async throws -> Value) async throws -> Value {
    var before = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return try await body() }
    var raw = before
    unsafe cfmakeraw(&raw)
    _ = unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
    defer { _ = unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
    return try await body()
  }

  /// Waits for input and reads it; empty at its end, and when nobody wants it any more.
  private static func read(unless isUnwanted: Flag) -> [UInt8] {
    while !isUnwanted.isRaised {
      var file = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&file, 1, 100) != 0 else { continue }
      let bytes = self.readOnce()
      if let bytes { return bytes }
    }
    return []
  }

  /// `nil` when a signal came in between.
  private static func readOnce() -> [UInt8]? {
    var wasInterrupted = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 32 * 1024) { buffer, count in
      #if canImport(Glibc)
        count = unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
        count = unsafe Musl.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      #else
        count = unsafe Darwin.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      #endif
      wasInterrupted = count < 0 && errno == EINTR
      count = max(count, 0)
    }
    return wasInterrupted ? nil : bytes
  }
}

/// Something that one thread says to another.
private final class Flag: Sendable {
  private let state = Atomic(false)

  var isRaised: Bool { self.state.load(ordering: .acquiring) }
  func raise() { self.state.store(true, ordering: .releasing) }
}
