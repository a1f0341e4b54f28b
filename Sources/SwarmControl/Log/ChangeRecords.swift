// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

// The fields of changes in the log. These records are strict: a field that this version doesn't know stops the node, because
// applying an entry without it would make the managers' states differ.

extension ClientID: WireRecord {
  package static var blank: Self { Self(high: 0, low: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.high)
    try fields.visit(2, &self.low)
  }
}

extension ClientStamp: WireRecord {
  package static var blank: Self { Self(client: .blank, sequence: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.client)
    try fields.visit(2, &self.sequence)
  }
}

extension NodeStatusChange: WireRecord, WireElement {
  package static var blank: Self { Self(id: NodeID()) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.id)
    try fields.visit(2, &self.status)
    try fields.visit(3, &self.description)
    try fields.visit(4, &self.managerStatus)
    try fields.visit(5, &self.clearsManagerStatus)
    try fields.visit(6, &self.role)
    try fields.visit(7, &self.certificate)
  }
}

extension NewTask: WireRecord, WireElement {
  package static var blank: Self { Self(id: TaskID(), slot: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.id)
    try fields.visit(2, &self.slot)
    try fields.visitPacked(3, &self.node)
    try fields.visit(4, &self.startAt)
    try fields.visit(5, &self.err)
    try fields.visit(6, &self.generic)
  }
}

extension TaskAssignment: WireRecord, WireElement {
  package static var blank: Self { Self(task: TaskID(), node: NodeID()) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.task)
    try fields.visitPacked(2, &self.node)
    try fields.visit(3, &self.generic)
  }
}

extension PendingReason: WireRecord, WireElement {
  package static var blank: Self { Self(task: TaskID(), err: "") }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.task)
    try fields.visit(2, &self.err)
  }
}

extension DesiredStateChange: WireRecord, WireElement {
  package static var blank: Self { Self(task: TaskID(), state: .new) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.task)
    try fields.visit(2, &self.state)
  }
}

extension TaskStatusChange: WireRecord, WireElement {
  package static var blank: Self { Self(task: TaskID(), status: .blank) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.task)
    try fields.visitPacked(2, &self.node)
    try fields.visit(3, &self.status)
  }
}

/// An id with the specification to give to its object.
struct SpecUpdate<Kind, Spec: WireMessage>: WireRecord {
  var id = Identifier<Kind>()
  var expected: Version?
  var spec = Spec.blank
  var isRollback = false

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.id)
    try fields.visit(2, &self.expected)
    try fields.visit(3, &self.spec)
    try fields.visit(4, &self.isRollback)
  }
}

/// An id with the labels to give to its object.
struct LabelUpdate<Kind>: WireRecord {
  var id = Identifier<Kind>()
  var expected: Version?
  var labels: [String: String] = [:]

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.id)
    try fields.visit(2, &self.expected)
    try fields.visit(3, &self.labels)
  }
}

/// An id, and a switch: whether the change is to be forced, or which way it goes.
struct Removal<Kind>: WireRecord {
  var id = Identifier<Kind>()
  var force = false

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.id)
    try fields.visit(2, &self.force)
  }
}

/// A service's update status.
struct StatusOfUpdate: WireRecord {
  var id = ServiceID()
  var status: UpdateStatus?
  var specVersion: Version?

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.id)
    try fields.visit(2, &self.status)
    try fields.visit(3, &self.specVersion)
  }
}

/// A run of a job, after the run of an iteration.
struct JobRun: WireRecord {
  var service = ServiceID()
  var iteration = Version.zero

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.service)
    try fields.visit(2, &self.iteration)
  }
}

/// What was chosen for a service.
struct Allocation: WireRecord {
  var service = ServiceID()
  var specVersion = Version.zero
  var endpoint = Endpoint()

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.service)
    try fields.visit(2, &self.specVersion)
    try fields.visit(3, &self.endpoint)
  }
}

/// New tasks of a service.
struct TaskCreation: WireRecord {
  var service = ServiceID()
  var specVersion = Version.zero
  var desired = TaskState.new
  var tasks: [NewTask] = []

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.service)
    try fields.visit(2, &self.specVersion)
    try fields.visit(3, &self.desired)
    try fields.visit(4, &self.tasks)
  }
}

/// A list of records.
struct Items<Element: WireElement>: WireRecord {
  var items: [Element] = []

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.items)
  }
}

/// A list of ids.
struct IdentifierList<Kind>: WireRecord {
  var ids: [Identifier<Kind>] = []

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visitPacked(1, &self.ids)
  }
}

/// A moment.
struct Moment: WireRecord {
  var time = Timestamp.zero

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.time)
  }
}
