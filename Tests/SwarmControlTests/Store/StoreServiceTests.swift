// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("Store: services")
struct StoreServiceTests {
  @Test("a created service has the entry's version and time")
  func create() throws {
    var fixture = StoreFixture()
    let id: ServiceID = fixture.ids.make()
    let applied = fixture.apply(
      .putCluster(Cluster()),
      .createService(Service(id: id, spec: StoreFixture.spec("web")))
    )
    let service = try #require(fixture.store.service(id))
    #expect(service.meta.version == Version(index: 1, ordinal: 1))
    #expect(service.specVersion == Version(index: 1, ordinal: 1))
    #expect(service.meta.createdAt == fixture.time)
    #expect(service.meta.updatedAt == fixture.time)
    #expect(fixture.store.service(named: "WEB")?.id == id)
    #expect(applied.firstError == nil)
    #expect(applied.changes.services.map(\.action) == [.create])
    #expect(applied.changes.events.map(\.version.ordinal) == [0, 1])
  }

  @Test("names are unique, whatever their case")
  func uniqueNames() {
    var fixture = StoreFixture()
    _ = fixture.addService("web")
    let applied = fixture.apply(
      .createService(Service(id: fixture.ids.make(), spec: StoreFixture.spec("Web")))
    )
    #expect(applied.firstError?.code == .alreadyExists)
    #expect(
      applied.firstError?.message == "name conflicts with an existing object: service Web already exists"
    )
    #expect(applied.changes.isEmpty)
    #expect(fixture.store.serviceCount == 1)
  }

  @Test("an update keeps the replaced specification and clears the update status in the same write")
  func update() throws {
    var fixture = StoreFixture()
    let id = fixture.addService(replicas: 1)
    fixture.apply(.updateStatus(id, specVersion: nil, UpdateStatus(state: .completed)))
    let before = try #require(fixture.store.service(id))
    let spec = StoreFixture.spec("web", replicas: 5)
    fixture.apply(.updateService(id, expected: before.meta.version, spec, isRollback: false))
    let after = try #require(fixture.store.service(id))
    #expect(after.spec == spec)
    #expect(after.previousSpec == before.spec)
    #expect(after.previousSpecVersion == before.specVersion)
    #expect(after.updateStatus == nil)
    #expect(after.specVersion == Version(index: 3))
    #expect(after.meta.createdAt == before.meta.createdAt)
    #expect(after.meta.updatedAt == fixture.time)
  }

  @Test("67: an update decided on an older version is refused")
  func outOfSequence() throws {
    var fixture = StoreFixture()
    let id = fixture.addService()
    let old = try #require(fixture.store.service(id)).meta.version
    fixture.apply(.updateStatus(id, specVersion: nil, UpdateStatus(state: .updating)))
    let applied = fixture.apply(
      .updateService(id, expected: old, StoreFixture.spec("web", replicas: 9), isRollback: false)
    )
    #expect(applied.firstError == SwarmError(code: .outOfSequence, message: "update out of sequence"))
    #expect(fixture.store.service(id)?.spec.mode == .replicated(replicas: 1))
  }

  @Test("a rollback that somebody asked for can be rolled back itself")
  func rollbackOfRollback() throws {
    var fixture = StoreFixture()
    let id = fixture.addService(replicas: 1)
    let first = try #require(fixture.store.service(id)).spec
    let second = StoreFixture.spec("web", replicas: 5)
    fixture.apply(.updateService(id, expected: nil, second, isRollback: false))
    for (from, to) in [(second, first), (first, second)] {
      let before = try #require(fixture.store.service(id))
      fixture.apply(.updateService(id, expected: before.meta.version, from, isRollback: true))
      let after = try #require(fixture.store.service(id))
      #expect(after.spec == to && after.previousSpec == from)
      #expect(after.previousSpecVersion == before.specVersion)
    }
  }

  @Test("a rollback of the updater takes the previous specification and leaves none")
  func rollback() throws {
    var fixture = StoreFixture()
    let id = fixture.addService(replicas: 1)
    let first = try #require(fixture.store.service(id)).spec
    let second = StoreFixture.spec("web", replicas: 5)
    fixture.apply(.updateService(id, expected: nil, second, isRollback: false))
    fixture.apply(.updateService(id, expected: nil, second, isRollback: true))
    let service = try #require(fixture.store.service(id))
    #expect(service.spec == first)
    #expect(service.previousSpec == nil)
    #expect(service.previousSpecVersion == nil)
    #expect(service.specVersion == Version(index: 3))
    #expect(service.updateStatus?.state == .rollbackStarted)
    let again = fixture.apply(.updateService(id, expected: nil, first, isRollback: true))
    #expect(again.firstError?.code == .failedPrecondition)
    #expect(again.firstError?.message == "service \(id) does not have a previous spec")
  }

  @Test("what was replaced meanwhile isn't rolled back")
  func staleRollback() throws {
    var fixture = StoreFixture()
    let id = fixture.addService(replicas: 1)
    let second = StoreFixture.spec("web", replicas: 5)
    fixture.apply(.updateService(id, expected: nil, second, isRollback: false))
    fixture.apply(.updateService(id, expected: nil, StoreFixture.spec("web", replicas: 7), isRollback: false))
    #expect(fixture.apply(.updateService(id, expected: nil, second, isRollback: true)).firstError?.code == .aborted)
    #expect(fixture.store.service(id)?.spec.mode == .replicated(replicas: 7))
  }

  @Test("how far an update is, is told of this update only")
  func staleUpdateStatus() throws {
    var fixture = StoreFixture()
    let id = fixture.addService()
    let version = try #require(fixture.store.service(id)).specVersion
    let status = UpdateStatus(state: .completed)
    fixture.apply(.updateService(id, expected: nil, StoreFixture.spec("web", replicas: 5), isRollback: false))
    #expect(fixture.apply(.updateStatus(id, specVersion: version, status)).firstError?.code == .aborted)
    #expect(fixture.store.service(id)?.updateStatus == nil)
    let now = try #require(fixture.store.service(id)).specVersion
    #expect(fixture.apply(.updateStatus(id, specVersion: now, status)).rejections.isEmpty)
    #expect(fixture.store.service(id)?.updateStatus == status)
  }

  @Test("neither the name nor the kind of mode can change")
  func immutable() {
    var fixture = StoreFixture()
    let id = fixture.addService()
    let renamed = fixture.apply(.updateService(id, expected: nil, StoreFixture.spec("other"), isRollback: false))
    #expect(renamed.firstError == SwarmError(code: .unimplemented, message: "renaming services is not supported"))
    var global = StoreFixture.spec("web")
    global.mode = .global
    let changed = fixture.apply(.updateService(id, expected: nil, global, isRollback: false))
    #expect(changed.firstError == SwarmError(code: .unimplemented, message: "service mode change is not allowed"))
  }

  @Test("a removed service is gone, its tasks stay and its name is free")
  func remove() {
    var fixture = StoreFixture()
    let id = fixture.addService()
    let tasks = fixture.addTasks(of: id, on: [nil])
    let applied = fixture.apply(.removeService(id))
    #expect(applied.changes.services.map(\.action) == [.remove])
    #expect(fixture.store.services().isEmpty)
    #expect(fixture.store.taskIDs(of: id) == tasks)
    #expect(fixture.store.service(named: "web") == nil)
    #expect(fixture.apply(.removeService(id)).firstError?.message == "service \(id) not found")
    _ = fixture.addService("web")
    #expect(fixture.store.serviceCount == 1)
  }

  @Test("a port of the routing mesh belongs to one service")
  func ingressPorts() throws {
    let http = PortConfig(targetPort: 80, publishedPort: 8080)
    var fixture = StoreFixture()
    let first = fixture.addService("a", ports: [http])
    func create(_ name: String, _ port: PortConfig) -> SwarmError? {
      fixture.apply(
        .createService(Service(id: fixture.ids.make(), spec: StoreFixture.spec(name, ports: [port])))
      ).firstError
    }
    let error = try #require(create("b", http))
    #expect(error.code == .invalidArgument)
    #expect(error.message == "port '8080' is already in use by service 'a' (\(first)) as an ingress port")
    #expect(create("c", PortConfig(targetPort: 80, publishedPort: 8080, publishMode: .host)) != nil)
    #expect(create("d", PortConfig(protocol: .udp, targetPort: 80, publishedPort: 8080)) == nil)
    // Updating itself is no conflict, and removing frees the port.
    let same = StoreFixture.spec("a", replicas: 2, ports: [http])
    #expect(fixture.apply(.updateService(first, expected: nil, same, isRollback: false)).firstError == nil)
    fixture.apply(.updateService(first, expected: nil, StoreFixture.spec("a"), isRollback: false))
    #expect(create("e", http) == nil)
  }

  @Test("several services may publish the same port of the nodes")
  func hostPorts() {
    let http = PortConfig(targetPort: 80, publishedPort: 8080, publishMode: .host)
    var fixture = StoreFixture()
    _ = fixture.addService("a", ports: [http])
    _ = fixture.addService("b", ports: [http])
    #expect(fixture.store.serviceCount == 2)
    let mesh = StoreFixture.spec("c", ports: [PortConfig(targetPort: 80, publishedPort: 8080)])
    let error = fixture.apply(.createService(Service(id: fixture.ids.make(), spec: mesh))).firstError
    #expect(error?.message.hasSuffix("as a host-published port") == true)
  }

  @Test("each update of a job begins another run")
  func jobs() {
    var fixture = StoreFixture()
    let id: ServiceID = fixture.ids.make()
    var spec = StoreFixture.spec("job")
    spec.mode = .replicatedJob(maxConcurrent: 1, totalCompletions: 2)
    fixture.apply(.createService(Service(id: id, spec: spec)))
    #expect(fixture.store.service(id)?.jobStatus?.jobIteration == .zero)
    fixture.apply(.updateService(id, expected: nil, spec, isRollback: false))
    #expect(fixture.store.service(id)?.jobStatus?.jobIteration == Version(index: 1))
    #expect(fixture.store.service(id)?.jobStatus?.lastExecution == fixture.time)
  }
}
