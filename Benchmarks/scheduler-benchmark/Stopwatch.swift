// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Adds up processor time, and wall time, over pieces of work.
struct Stopwatch {
  /// Whose processor time counts.
  enum Subject {
    /// This thread's.
    case thread
    /// That of all threads of this process.
    case process
  }

  private(set) var cpu = Duration.zero
  private(set) var wall = Duration.zero

  private var started = (cpu: Duration.zero, wall: Duration.zero)
  private let clock: clockid_t

  init(of subject: Subject = .thread) {
    self.clock = subject == .thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID
  }

  mutating func start() {
    self.started = (Self.now(self.clock), Self.now(CLOCK_MONOTONIC))
  }

  mutating func stop() {
    self.cpu += Self.now(self.clock) - self.started.cpu
    self.wall += Self.now(CLOCK_MONOTONIC) - self.started.wall
  }

  mutating func measure<Result>(_ body: () -> Result) -> Result {
    self.start()
    defer { self.stop() }
    return body()
  }

  private static func now(_ clock: clockid_t) -> Duration {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}

/// The memory of this process.
enum Heap {
  /// Bytes in use: what is resident after the allocator gave back what it could.
  static var bytes: Int {
    typealias Trim = @convention(c) (Int) -> Int32
    if let symbol = unsafe dlsym(nil, "malloc_trim") { _ = unsafe unsafeBitCast(symbol, to: Trim.self)(0) }
    guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
    defer { unsafe fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    let count = unsafe fread(&text, 1, 127, file)
    let fields = String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
