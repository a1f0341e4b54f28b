// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// What waits to be passed on: at most one rumour per subject, each with a budget of transmissions.
///
/// Classes go first to last; within a class every rumour is sent once before any is sent again, so that no owner starves another.
struct RumourQueue: Sendable {
  /// What a rumour is about.
  ///
  /// Its words are taken from the tables when it is sent.
  enum Subject: Hashable, Sendable {
    case member(Slot)
    case record(Slot)
    /// A broadcast, by its fingerprint.
    case broadcast(UInt64)
  }

  /// First things first.
  enum Urgency: Int, Sendable, CaseIterable {
    case left, own, alive, suspect, dead, ownRecord, record, broadcast
  }

  struct Rumour: Sendable {
    var urgency: Urgency
    /// Transmissions that are left.
    var budget: Int
    /// The accuser to name, with suspicions and deaths.
    var accuser: UInt64
    /// Which incarnation is accused, with suspicions.
    var incarnation: UInt32
    /// Tells the rumour from earlier ones about the same subject that still stand in a line.
    var ticket: UInt32
  }

  private struct Place: Sendable {
    var subject: Subject
    var ticket: UInt32
  }

  private var rumours: [Subject: Rumour] = [:]
  private var lines: [Deque<Place>] = Urgency.allCases.map { _ in Deque() }
  private var nextTicket: UInt32 = 0

  var isEmpty: Bool { self.rumours.isEmpty }
  var count: Int { self.rumours.count }

  subscript(_ subject: Subject) -> Rumour? { self.rumours[subject] }

  /// Puts a rumour into its line, in place of an earlier one about the same subject.
  mutating func enqueue(_ subject: Subject, _ urgency: Urgency, budget: Int, accuser: UInt64 = 0, incarnation: UInt32 = 0) {
    self.nextTicket &+= 1
    self.rumours[subject] = Rumour(
      urgency: urgency,
      budget: budget,
      accuser: accuser,
      incarnation: incarnation,
      ticket: self.nextTicket
    )
    self.lines[urgency.rawValue].append(Place(subject: subject, ticket: self.nextTicket))
  }

  mutating func remove(_ subject: Subject) { self.rumours[subject] = nil }

  /// Drops everything: there is nobody to tell.
  mutating func drain() {
    self.rumours.removeAll()
    for line in self.lines.indices { self.lines[line].removeAll() }
  }

  /// Drops what was said about presence and records, since everybody knows.
  ///
  /// Suspicions and broadcasts stay.
  mutating func retire() {
    let retired: [Urgency] = [.own, .alive, .dead, .left, .ownRecord, .record]
    for urgency in retired {
      while let place = self.lines[urgency.rawValue].popFirst() {
        if self.rumours[place.subject]?.ticket == place.ticket { self.rumours[place.subject] = nil }
      }
    }
  }

  /// Offers rumours in order until `write` says that nothing more fits, and charges the written ones.
  ///
  /// - Parameter write: writes a rumour and says what became of it.
  mutating func take(_ write: (Subject, Rumour) -> Outcome) {
    if self.rumours.isEmpty { return }
    for line in self.lines.indices {
      var left = self.lines[line].count
      while left > 0, let place = self.lines[line].popFirst() {
        left -= 1
        guard var rumour = self.rumours[place.subject], rumour.ticket == place.ticket else { continue }
        switch write(place.subject, rumour) {
        case .written:
          rumour.budget -= 1
          if rumour.budget > 0 {
            self.rumours[place.subject] = rumour
            self.lines[line].append(place)
          } else {
            self.rumours[place.subject] = nil
          }
        case .void:
          self.rumours[place.subject] = nil
        case .tooLarge:
          self.lines[line].append(place)
        case .full:
          self.lines[line].prepend(place)
          return
        }
      }
    }
  }

  enum Outcome {
    case written
    /// There is nothing to say any more.
    case void
    /// It doesn't fit; something smaller may.
    case tooLarge
    /// Nothing fits.
    case full
  }
}
