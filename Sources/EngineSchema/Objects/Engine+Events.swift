// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// One line of `GET /events`.
  package struct Event: Codable, Hashable, Sendable {
    /// What kind of object: `service`, `node`, `secret`, `config`, `network`.
    package var type: String?
    /// What happened to it: `create`, `update`, `remove`.
    package var action: String?
    package var actor: EventActor?
    /// `swarm`: everybody in it sees the event.
    package var scope: String?
    /// Seconds since 1970.
    package var time: Int64?
    /// Nanoseconds since 1970.
    package var timeNano: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case type = "Type"
      case action = "Action"
      case actor = "Actor"
      case scope, time, timeNano
    }
  }

  /// The object that an event is about.
  package struct EventActor: Codable, Hashable, Sendable {
    package var id: String?
    package var attributes: [String: String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case attributes = "Attributes"
    }
  }
}
