// SPDX-License-Identifier: Apache-2.0

public import Gossip
internal import NIOCore
internal import NIOPosix

// MARK: - Members

extension GossipNode {
  /// Everybody known, this member too, whatever they are held for; sorted by name.
  public func members() async throws -> [GossipMember] { try await self.withDriver { $0.core.allMembers } }

  /// What is known about a member; nil when it was never heard of.
  public func member(_ name: String) async throws -> GossipMember? {
    let id = try MemberID(name)
    return try await self.withDriver { $0.core.member(id) }
  }

  /// Joins a cluster, and waits until the tables of one of its members were compared with this member's.
  ///
  /// Also after an error the addresses are tried again now and then, beside those of earlier calls.
  ///
  /// - Parameter seeds: where some members are.
  /// - Returns: the one that answered.
  /// - Throws: ``Gossip/GossipError``: `wrongKey`, `wrongLabel` or `notSealed` when all that were reached said so, `unreachable`
  ///   after several attempts.
  @discardableResult
  public func join(_ seeds: [GossipEndpoint]) async throws -> GossipEndpoint {
    let logger = self.logger
    let found = try await NIOSingletons.posixBlockingThreadPool.runIfActive { GossipNode.addresses(of: seeds, logger) }
    guard !found.isEmpty else { throw GossipError(.unreachable, "none of the seeds can be looked up") }
    let joined = self.eventLoop.makePromise(of: GossipAddress.self)
    do {
      try await self.withDriver { $0.join(found, waiter: joined) }
    } catch {
      joined.fail(error)
    }
    return GossipEndpoint(try await joined.futureResult.get())
  }

  /// Replaces what this member says about itself.
  ///
  /// - Throws: ``Gossip/GossipError/Code/tooLarge`` beyond 512 bytes; nothing was changed.
  public func setMetadata(_ metadata: [UInt8]) async throws {
    try await self.withDriver { driver in
      try driver.with { core, now throws(GossipError) in try core.setMetadata(metadata, now: now) }
    }
  }

  /// The others reach this member elsewhere from now on: it begins a new epoch there.
  public func setAddress(_ endpoint: GossipEndpoint) async throws {
    let socket = try await NIOSingletons.posixBlockingThreadPool.runIfActive { try endpoint.resolve() }
    guard let address = GossipAddress(socket) else { throw GossipError(.unreachable, "\(endpoint) is no IP address") }
    try await self.withDriver { driver in
      try driver.with { core, now throws(GossipError) in try core.setAddress(address, now: now) }
    }
  }

  /// Sends some bytes to all members that are present; each learns of them by ``Gossip/GossipEvent/broadcast(from:name:payload:)``.
  ///
  /// - Parameters:
  ///   - payload: at most 512 bytes.
  ///   - name: a later broadcast of the same name replaces this one where it wasn't passed on yet; empty for one that must not
  ///     be replaced.
  /// - Throws: ``Gossip/GossipError``: `tooLarge` or `full`; nothing was sent.
  public func broadcast(_ payload: [UInt8], name: String = "") async throws {
    try await self.withDriver { driver in
      try driver.with { core, now throws(GossipError) in
        try core.broadcast(payload, name: Array(name.utf8), now: now)
      }
    }
  }

  /// Counts of what happened since the start.
  public func statistics() async throws -> (protocol: GossipCounters, traffic: GossipTraffic) {
    try await self.withDriver { ($0.core.statistics, $0.traffic) }
  }
}

// MARK: - The table

extension GossipNode {
  /// Writes a record of this member, which spreads to all.
  ///
  /// - Parameters:
  ///   - value: at most 768 bytes.
  ///   - key: 1 to 128 bytes of UTF-8.
  /// - Throws: ``Gossip/GossipError``: `tooLarge` or `full`; nothing was changed.
  public func publish(_ value: [UInt8], for key: String) async throws {
    let key = Array(key.utf8)
    try await self.withDriver { try $0.publish(key: key, value: value) }
  }

  /// Withdraws a record of this member.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public func withdraw(_ key: String) async throws -> Bool {
    let key = Array(key.utf8)
    return try await self.withDriver { $0.withdraw(key: key) }
  }

  /// The record that a present member has under a key.
  public func record(of member: String, for key: String) async throws -> TableRecord? {
    let id = try MemberID(member)
    return try await self.withDriver { $0.core.record(of: id, key: Array(key.utf8)) }
  }

  /// The records of all present members whose keys begin in one way, sorted by key and owner.
  ///
  /// It looks at every record there is; to stay up to date use ``watch(prefix:)``.
  public func records(prefix: String = "") async throws -> [TableRecord] {
    try await self.withDriver { $0.core.records(withPrefix: Array(prefix.utf8)) }
  }

  /// The records of all present members whose keys begin in one way, now and whenever they change.
  ///
  /// Each element is the whole set, sorted by key and owner. Whoever reads slowly gets the latest set only.
  public func watch(prefix: String = "") -> AsyncStream<[TableRecord]> {
    let (stream, continuation) = AsyncStream.makeStream(of: [TableRecord].self, bufferingPolicy: .bufferingNewest(1))
    let prefix = Array(prefix.utf8)
    self.hasStarted.futureResult.whenComplete { _ in
      guard let driver = self.driver.value, !driver.isStopped else { return continuation.finish() }
      let name = driver.watch(prefix, continuation)
      continuation.onTermination = { [weak self] _ in
        self?.eventLoop.execute { self?.driver.value?.unwatch(name) }
      }
    }
    return stream
  }
}

// MARK: - Keys

extension GossipNode {
  /// The names of the keys in the ring; the first one seals.
  public func keys() async throws -> [GossipKey.ID] {
    try await self.withDriver { $0.sealer.keyring.keys.map(\.id) }
  }

  /// Opens what is sealed with this key from now on, too: the first step of a rotation, on all members.
  ///
  /// - Throws: ``Gossip/GossipError``: `full` beyond three keys, `invalidConfiguration` in a cluster in the clear.
  public func installKey(_ key: GossipKey) async throws {
    try await self.withDriver { try $0.sealer.keyring.install(key) }
  }

  /// Seals with this key from now on: the second step, when all members have installed it.
  ///
  /// - Throws: ``Gossip/GossipError/Code/wrongKey`` when it isn't in the ring.
  public func useKey(_ key: GossipKey.ID) async throws {
    try await self.withDriver { try $0.sealer.keyring.use(key) }
  }

  /// Opens nothing with this key any more: the last step, when no member seals with it.
  ///
  /// - Throws: ``Gossip/GossipError``: `wrongKey` when it isn't in the ring, `keyInUse` when it seals.
  public func removeKey(_ key: GossipKey.ID) async throws {
    try await self.withDriver { try $0.sealer.keyring.remove(key) }
  }

  /// Replaces the whole ring; the first key seals.
  ///
  /// - Throws: ``Gossip/GossipError/Code/invalidConfiguration`` for no key, more than three or one twice.
  public func setKeys(_ keys: [GossipKey]) async throws {
    let ring = try Keyring(keys)
    try await self.withDriver { driver in
      guard driver.sealer.isSealing, !keys.isEmpty else {
        throw GossipError(.invalidConfiguration, "a cluster doesn't change between sealed and clear while it runs")
      }
      driver.sealer.keyring = ring
    }
  }
}
