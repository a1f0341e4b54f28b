// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SwarmModel

/// The services with their slots, and a queue of those that something happened to.
struct ServiceIndex: Sendable {
  private var records: [ServiceID: ServiceRecord] = [:]
  private var queue: Deque<ServiceID> = []
  private var queued: Set<ServiceID> = []
  /// Services, and jobs, with one task per node.
  private(set) var global: Set<ServiceID> = []

  init() {}

  var hasWork: Bool { !self.queue.isEmpty }
  var queueLength: Int { self.queue.count }

  subscript(service: ServiceID) -> ServiceRecord? { self.records[service] }

  /// Changes a service's record in place.
  mutating func with<Result>(_ service: ServiceID, _ body: (inout ServiceRecord) -> Result) -> Result {
    body(&self.records[service, default: ServiceRecord()])
  }

  /// Looks at a service's record without a copy of it; `nil` for a service without one.
  mutating func read<Result>(_ service: ServiceID, _ body: (inout ServiceRecord) -> Result) -> Result? {
    guard let index = self.records.index(forKey: service) else { return nil }
    return body(&self.records.values[index])
  }

  // MARK: - What happened

  /// A slot has to be looked at.
  mutating func enqueue(_ slot: SlotID) {
    self.records[slot.service, default: ServiceRecord()].enqueue(slot.key)
    self.wake(slot.service)
  }

  /// The number of slots, or an update, has to be looked at.
  mutating func review(_ service: ServiceID) {
    self.records[service, default: ServiceRecord()].needsReview = true
    self.wake(service)
  }

  /// The service is new, or its specification changed: everything has to be looked at.
  mutating func specificationChanged(_ service: Service) {
    if service.spec.mode.isGlobal { self.global.insert(service.id) }
    self.records[service.id, default: ServiceRecord()].relations = [:]
    self.records[service.id]?.enqueueAll()
    self.review(service.id)
  }

  /// Slots whose last task wasn't replaced have to be looked at: maybe it is now.
  mutating func enqueueFinished(_ service: ServiceID) {
    guard let record = self.records[service], record.finished > 0 else { return }
    let finished = record.slots.filter { $0.value.occupancy == .finished }.keys.sorted()
    for key in finished { self.enqueue(SlotID(service: service, key: key)) }
  }

  /// The service is no more; its tasks have to go.
  mutating func removed(_ service: ServiceID) {
    self.global.remove(service)
    self.records[service]?.enqueueAll()
    if self.records[service] != nil { self.wake(service) }
  }

  mutating func add(_ task: TaskID, to slot: SlotID) {
    self.records[slot.service, default: ServiceRecord()].add(task, to: slot.key)
  }

  mutating func remove(_ task: TaskID, from slot: SlotID) {
    self.records[slot.service]?.remove(task, from: slot.key)
  }

  /// Forgets a removed service of which nothing is left.
  mutating func forget(_ service: ServiceID) {
    self.records[service] = nil
  }

  // MARK: - The queue

  private mutating func wake(_ service: ServiceID) {
    guard self.queued.insert(service).inserted else { return }
    self.queue.append(service)
  }

  /// Takes the service that has waited longest.
  mutating func next() -> ServiceID? {
    guard let service = self.queue.popFirst() else { return nil }
    self.queued.remove(service)
    return service
  }

  /// Puts a service back that isn't done with.
  mutating func putBack(_ service: ServiceID) { self.wake(service) }
}
