// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Glibc

/// What the machine itself can do at this moment: no figure of a benchmark means anything without it.
package struct PhysicalLimits: Sendable {
  /// How long 100 bytes into a zero-filled file and `fdatasync` take.
  package let sync: Percentiles
  /// How long it takes until two of three threads, told at once, have done so, each in a file of its own: a majority of three members that share a disk.
  package let majoritySync: Percentiles
  /// How long 64 bytes to another thread through loopback TCP and back take.
  package let pingPong: Percentiles

  /// Measures for about two seconds.
  ///
  /// - Parameter directory: where the files of the benchmark will be.
  /// - Throws: ``LimitsError`` when files or sockets can't be had.
  package static func measure(in directory: String) throws(LimitsError) -> PhysicalLimits {
    PhysicalLimits(
      sync: try Self.measureSync(directory),
      majoritySync: try Self.measureMajoritySync(directory),
      pingPong: try Self.measurePingPong()
    )
  }

  /// One line for people.
  package var description: String {
    func micros(_ duration: Duration) -> String { "\(Int(duration / .microseconds(1)))" }
    return "physical limits: fdatasync p50 \(micros(self.sync[0.5])) µs, p99 \(micros(self.sync[0.99])) µs, "
      + "by two of three threads p50 \(micros(self.majoritySync[0.5])) µs; "
      + "loopback ping-pong p50 \(micros(self.pingPong[0.5])) µs, p99 \(micros(self.pingPong[0.99])) µs"
  }

  private static func measureSync(_ directory: String) throws(LimitsError) -> Percentiles {
    let file = try SyncedFile("\(directory)/limits-\(getpid())")
    return Self.sample(1000, file.append)
  }

  private static func measureMajoritySync(_ directory: String) throws(LimitsError) -> Percentiles {
    var members: [(file: SyncedFile, thread: DispatchQueue)] = []
    for number in 1...3 {
      members.append((try SyncedFile("\(directory)/limits-\(getpid())-\(number)"), DispatchQueue(label: "member \(number)")))
    }
    let done = DispatchSemaphore(value: 0)
    let clock = ContinuousClock()
    return Percentiles(
      (0..<1000).map { turn in
        let taken = clock.measure {
          for (file, thread) in members {
            thread.async {
              file.append(turn)
              done.signal()
            }
          }
          for _ in 1...2 { done.wait() }
        }
        done.wait()
        return taken
      }
    )
  }

  private static func measurePingPong() throws(LimitsError) -> Percentiles {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer {
      close(listener)
      close(client)
    }
    let isConnected = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(listener, address, length) == 0 && listen(listener, 1) == 0
          && getsockname(listener, address, &length) == 0 && connect(client, address, length) == 0
      }
    }
    let server = accept(listener, nil, nil)
    guard isConnected, server >= 0 else { throw LimitsError("loopback can't be used") }
    var on: Int32 = 1
    for end in [client, server] {
      unsafe setsockopt(end, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
    var thread = pthread_t()
    // The echo ends when the client closes.
    let argument = unsafe UnsafeMutableRawPointer(bitPattern: Int(server))
    unsafe pthread_create(
      &thread,
      nil,
      { argument in
        let end = Int32(Int(bitPattern: argument))
        var buffer = [UInt8](repeating: 0, count: 64)
        while unsafe read(end, &buffer, 64) == 64, unsafe write(end, buffer, 64) == 64 {}
        close(end)
        return nil
      },
      argument
    )
    var buffer = [UInt8](repeating: 7, count: 64)
    let result = Self.sample(5000) { _ in
      unsafe write(client, buffer, 64)
      unsafe read(client, &buffer, 64)
    }
    shutdown(client, Int32(SHUT_RDWR))
    pthread_join(thread, nil)
    return result
  }

  private static func sample(_ count: Int, _ body: (Int) -> Void) -> Percentiles {
    let clock = ContinuousClock()
    return Percentiles((0..<count).map { turn in clock.measure { body(turn) } })
  }
}

/// A file of zeros that is overwritten piece by piece, and goes with its last reference.
private final class SyncedFile: Sendable {
  private static let payload = [UInt8](repeating: 1, count: 100)
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(LimitsError) {
    self.path = path
    self.descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard self.descriptor >= 0 else { throw LimitsError("\(path) can't be written") }
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    guard unsafe pwrite(self.descriptor, zeros, zeros.count, 0) == zeros.count, fdatasync(self.descriptor) == 0 else {
      throw LimitsError("\(path) can't be filled")
    }
  }

  deinit {
    close(self.descriptor)
    unsafe unlink(self.path)
  }

  func append(_ turn: Int) {
    unsafe pwrite(self.descriptor, Self.payload, Self.payload.count, off_t(turn * Self.payload.count))
    fdatasync(self.descriptor)
  }
}

/// Why the limits can't be measured.
package struct LimitsError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
