// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel
internal import Testing

@Suite("Placeholders in a task's environment")
struct TaskTemplateTests {
  let task = AgentHost.task(2)

  var context: TaskContext {
    TaskContext(
      nodeID: AgentHost.nodeID,
      nodeHostname: "host",
      platform: Platform(architecture: "x86_64", os: "linux"),
      taskName: TaskContext.name(of: self.task),
      serviceName: "web",
      serviceLabels: ["zone": "b", "tier": "front"],
      directory: "/state"
    )
  }

  @Test(
    "known placeholders are replaced",
    arguments: [
      ("plain", "plain"),
      ("{{.Service.Name}}-{{ .Task.Slot }}", "web-2"),
      ("{{.Node.Hostname}}/{{.Node.Platform.OS}}/{{.Node.Platform.Architecture}}", "host/linux/x86_64"),
      ("{{index .Service.Labels \"zone\"}}", "b"),
      ("{{index .Service.Labels \"none\"}}", ""),
      ("{{.Service.Labels}}", "map[tier:front zone:b]"),
      ("{{.Task.Name}}", "web.2.t000000000000000000000002"),
      ("}} {{.Task.Slot}} }}", "}} 2 }}"),
    ]
  )
  func known(template: String, expected: String) throws {
    #expect(try self.context.expand(template, for: self.task) == expected)
  }

  @Test(
    "anything else is refused",
    arguments: ["{{.Task.Slot", "{{.Nix}}", "{{}}", "{{index .Service.Labels zone}}", "{{if true}}"]
  )
  func unknown(template: String) {
    #expect(throws: RuntimeError.self) { try self.context.expand(template, for: self.task) }
  }

  @Test("a task of a global service is named by its node")
  func globalName() {
    var task = self.task
    task.slot = 0
    #expect(TaskContext.name(of: task) == "web.\(AgentHost.nodeID).\(task.id)")
  }
}
