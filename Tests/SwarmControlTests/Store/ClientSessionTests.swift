// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("Store: clients")
struct ClientSessionTests {
  private let client = ClientID(high: 1, low: 2)

  private func stamp(_ sequence: UInt64) -> ClientStamp {
    ClientStamp(client: self.client, sequence: sequence)
  }

  @Test("a repeated request applies nothing and has the first outcome")
  func duplicate() {
    var fixture = StoreFixture()
    let id: ServiceID = fixture.ids.make()
    let first = fixture.apply(
      .createService(Service(id: id, spec: StoreFixture.spec("web"))),
      client: self.stamp(1)
    )
    #expect(!first.wasDuplicate)
    // A retry that went through another leader has another id.
    let second = fixture.apply(
      .createService(Service(id: fixture.ids.make(), spec: StoreFixture.spec("web"))),
      client: self.stamp(1)
    )
    #expect(second.wasDuplicate)
    #expect(second.changes.isEmpty)
    #expect(second.outcome == first.outcome)
    #expect(second.outcome.subject == id.description)
    #expect(second.outcome.version == Version(index: 1))
    #expect(fixture.store.serviceCount == 1)
    #expect(fixture.store.outcome(of: self.stamp(1)) == first.outcome)
    #expect(fixture.store.outcome(of: self.stamp(2)) == nil)
  }

  @Test("a refusal is remembered as well")
  func refusal() {
    var fixture = StoreFixture()
    let missing: ServiceID = fixture.ids.make()
    let first = fixture.apply(.removeService(missing), client: self.stamp(1))
    #expect(first.firstError?.code == .notFound)
    let second = fixture.apply(.removeService(missing), client: self.stamp(1))
    #expect(second.wasDuplicate)
    #expect(second.firstError == first.firstError)
    #expect(second.rejections.isEmpty)
  }

  @Test("requests under way at the same time may be applied in any order")
  func outOfOrder() {
    var fixture = StoreFixture()
    for sequence in [3, 1, 2] as [UInt64] {
      let applied = fixture.apply(
        .createService(Service(id: fixture.ids.make(), spec: StoreFixture.spec("s\(sequence)"))),
        client: self.stamp(sequence)
      )
      #expect(!applied.wasDuplicate)
    }
    #expect(fixture.store.serviceCount == 3)
    #expect(fixture.apply(.removeTasks([]), client: self.stamp(1)).wasDuplicate)
  }

  @Test("a request whose outcome is forgotten is not applied again")
  func window() {
    var fixture = StoreFixture()
    for sequence in 1...200 as ClosedRange<UInt64> {
      fixture.apply(.removeTasks([]), client: self.stamp(sequence))
    }
    let old = fixture.apply(
      .createService(Service(id: fixture.ids.make(), spec: StoreFixture.spec("web"))),
      client: self.stamp(1)
    )
    #expect(old.wasDuplicate)
    #expect(old.firstError?.code == .outcomeUnknown)
    #expect(fixture.store.serviceCount == 0)
    #expect(fixture.apply(.removeTasks([]), client: self.stamp(199)).wasDuplicate)
  }

  @Test("silent clients are forgotten by the times of entries")
  func expiry() {
    var fixture = StoreFixture()
    fixture.apply(.removeTasks([]), client: self.stamp(1))
    fixture.time = fixture.time + .seconds(3590)
    #expect(fixture.apply(.removeTasks([]), client: self.stamp(1)).wasDuplicate)
    // The retry counts as a sign of life.
    fixture.time = fixture.time + .seconds(3590)
    let other = ClientStamp(client: ClientID(high: 9, low: 9), sequence: 1)
    fixture.apply(.removeTasks([]), client: other)
    #expect(fixture.store.outcome(of: self.stamp(1)) != nil)
    fixture.time = fixture.time + .seconds(3700)
    fixture.apply(.removeTasks([]), client: other)
    fixture.apply(.removeTasks([]), client: ClientStamp(client: other.client, sequence: 2))
    #expect(fixture.store.outcome(of: self.stamp(1)) == nil)
    #expect(fixture.store.outcome(of: other) != nil)
  }

  @Test("a change of the log forgets clients that were silent since a moment")
  func expireChange() {
    var fixture = StoreFixture()
    fixture.apply(.removeTasks([]), client: self.stamp(1))
    fixture.apply(.expireClients(before: fixture.time))
    #expect(fixture.store.outcome(of: self.stamp(1)) != nil)
    fixture.apply(.expireClients(before: fixture.time))
    #expect(fixture.store.outcome(of: self.stamp(1)) == nil)
  }
}
