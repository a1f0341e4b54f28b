// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Owns an open file descriptor and closes it when nobody refers to it any more.
final class Descriptor: Sendable {
  /// The descriptor's number.
  let number: Int32

  /// Takes over an open descriptor.
  init(owning number: Int32) {
    self.number = number
  }

  deinit {
    _ = close(self.number)
  }

  /// Reads up to `count` bytes from an offset; empty at the end of the file.
  func read(at offset: Int64, count: Int) throws(RuntimeError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let got = retrying { unsafe pread(self.number, buffer.baseAddress, count, off_t(offset)) }
      failure = got < 0 ? errno : 0
      initialized = max(got, 0)
    }
    guard failure == 0 else { throw .system("read a file", failure) }
    return bytes
  }

  /// Another number for the same thing.
  func copy() throws(RuntimeError) -> Descriptor {
    let number = fcntl(self.number, F_DUPFD_CLOEXEC, 0)
    guard number >= 0 else { throw .system("copy a descriptor", errno) }
    return Descriptor(owning: number)
  }

  /// Writes as many bytes as there is room for; 0 when there is none at the moment, `nil` when nobody reads them any more.
  func writeAvailable(_ bytes: ArraySlice<UInt8>) throws(RuntimeError) -> Int? {
    let count = unsafe bytes.withUnsafeBytes { buffer in
      retrying { unsafe swarm_write(self.number, buffer.baseAddress, buffer.count) }
    }
    if count >= 0 { return count }
    switch errno {
    case EAGAIN: return 0
    case EPIPE, EIO: return nil
    default: throw .system("write", errno)
    }
  }

  /// Reads what is there of a pipe, a terminal or an event queue; empty at its end, `nil` when there is nothing at the moment.
  func readAvailable(count: Int) throws(RuntimeError) -> [UInt8]? {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let got = retrying { unsafe Self.readOnce(self.number, buffer.baseAddress, count) }
      failure = got < 0 ? errno : 0
      initialized = max(got, 0)
    }
    if failure == EAGAIN { return nil }
    // What a terminal says when nobody is at its other side any more.
    if failure == EIO { return [] }
    guard failure == 0 else { throw .system("read", failure) }
    return bytes
  }

  /// Writes all bytes at an offset.
  func write(_ bytes: [UInt8], at offset: Int64) throws(RuntimeError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        retrying {
          unsafe pwrite(
            self.number,
            buffer.baseAddress?.advanced(by: done),
            buffer.count - done,
            off_t(offset) + off_t(done)
          )
        }
      }
      guard count > 0 else { throw .system("write a file", count < 0 ? errno : EIO) }
      done += count
    }
  }

  /// The number of the file behind the descriptor: tells files from each other whatever they are called.
  func fileNumber() throws(RuntimeError) -> UInt64 {
    var info = stat()
    guard unsafe fstat(self.number, &info) == 0 else { throw .system("look at a file", errno) }
    return UInt64(info.st_ino)
  }

  private static func readOnce(_ number: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    #if canImport(Glibc)
      unsafe Glibc.read(number, buffer, count)
    #elseif canImport(Musl)
      unsafe Musl.read(number, buffer, count)
    #else
      unsafe Darwin.read(number, buffer, count)
    #endif
  }
}

/// Calls again for as long as a signal interrupts.
func retrying(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}
