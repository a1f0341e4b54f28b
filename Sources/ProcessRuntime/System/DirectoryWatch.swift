// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Notices that files of a directory were written, made or renamed.
///
/// What happens between the creation of the watch and a call of ``changed(or:)`` isn't missed: create first, then look, then wait.
struct DirectoryWatch: Sendable {
  /// The kernel's event queue; `nil` when it has none left for this user, and then the watch looks again from time to time.
  private let events: Descriptor?
  private let supervisor: Supervisor

  /// Starts to watch.
  init(_ path: String, supervisor: Supervisor) {
    self.supervisor = supervisor
    #if os(Linux)
      let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      guard number >= 0 else {
        self.events = nil
        return
      }
      let descriptor = Descriptor(owning: number)
      let mask = UInt32(IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF)
      self.events = unsafe inotify_add_watch(number, path, mask) >= 0 ? descriptor : nil
    #else
      self.events = nil
    #endif
  }

  /// Returns when something may have changed since the creation of the watch or the last call, or the other descriptor is readable, or
  /// the time is over.
  func changed(or other: Descriptor? = nil, within limit: Duration? = nil) async throws {
    guard let events = self.events else {
      try await self.supervisor.readable([other].compactMap(\.self), within: .milliseconds(200))
      return
    }
    try await self.supervisor.readable([events, other].compactMap(\.self), within: limit)
    while let bytes = try events.readAvailable(count: 16_384), !bytes.isEmpty {}
  }
}
