// SPDX-License-Identifier: Apache-2.0

import ProcessRuntime
import SwarmAgent
import SwarmModel
import Testing

@Suite("ProcessCommand")
struct ProcessCommandTests {
  private func command(_ spec: ContainerSpec) throws(RuntimeError) -> ProcessCommand {
    let task = SwarmTask(spec: TaskSpecBox(TaskSpec(runtime: .container(spec))))
    let context = TaskContext(
      nodeID: NodeID(),
      nodeHostname: "here",
      platform: Platform(),
      taskName: "web.1",
      serviceName: "web",
      directory: "/state/task"
    )
    return try ProcessCommand(task: task, context: context, work: "/state/task/work")
  }

  @Test("command and arguments make the argument vector; arguments alone do, too")
  func arguments() throws {
    #expect(try self.command(ContainerSpec(command: ["a", "b"], args: ["c"])).arguments == ["a", "b", "c"])
    #expect(try self.command(ContainerSpec(args: ["c", "d"])).arguments == ["c", "d"])
  }

  @Test("a task without a command is rejected with a sentence that says so")
  func noCommand() {
    let message = """
      the task has no command: the process runtime runs commands of this machine, the image "nginx" is only a label for it
      """
    #expect(throws: RuntimeError(code: .invalidArgument, message: message)) {
      try self.command(ContainerSpec(image: "nginx"))
    }
  }

  private static func privileged(_ privileges: Privileges) -> ContainerSpec { ContainerSpec(args: ["x"], privileges: privileges) }

  @Test("security options that a plain process fulfils anyway are no demand")
  func unconfined() throws {
    let options = Privileges(
      credentialSpec: .init(),
      selinuxContext: .init(disable: true),
      seccomp: .init(mode: .unconfined),
      apparmor: .init(mode: .disabled)
    )
    for privileges in [Privileges(), options] {
      #expect(try self.command(Self.privileged(privileges)).arguments == ["x"])
    }
  }

  @Test("what a plain process can't have is rejected by name")
  func unsupported() {
    let specs: [(String, ContainerSpec)] = [
      ("mounts", ContainerSpec(args: ["x"], mounts: [Mount(source: "/a", target: "/b")])),
      ("a user of their own", ContainerSpec(args: ["x"], user: "nobody")),
      ("a terminal", ContainerSpec(args: ["x"], tty: true)),
      ("an OOM score of their own", ContainerSpec(args: ["x"], oomScoreAdj: -500)),
      ("the option no-new-privileges", Self.privileged(Privileges(noNewPrivileges: true))),
      ("a seccomp profile of their own", Self.privileged(Privileges(seccomp: .init(mode: .custom, profile: [1])))),
      ("SELinux labels", Self.privileged(Privileges(selinuxContext: .init(level: "s0")))),
      ("a credential specification", Self.privileged(Privileges(credentialSpec: .init(config: "c")))),
    ]
    for (what, spec) in specs {
      #expect(throws: RuntimeError(code: .unsupported, message: "tasks of the process runtime can't have \(what)")) {
        try self.command(spec)
      }
    }
  }

  @Test("empty settings, as Docker's command line sends them, are no demand")
  func emptySettings() throws {
    let spec = ContainerSpec(args: ["x"], dnsConfig: .init(), healthcheck: HealthConfig(test: ["NONE"]), initProcess: false)
    #expect(try self.command(spec).arguments == ["x"])
  }

  @Test("relative directories, bad variables, NUL and unknown signals are refused")
  func invalid() {
    for spec in [
      ContainerSpec(args: ["x"], dir: "relative"),
      ContainerSpec(args: ["x"], env: ["=x"]),
      ContainerSpec(args: ["x\0y"]),
      ContainerSpec(args: ["x"], stopSignal: "SIGNONE"),
      ContainerSpec(args: [""]),
    ] {
      #expect(throws: RuntimeError.self) { try self.command(spec) }
    }
  }

  @Test("a later variable wins, a name alone removes")
  func environment() throws {
    let command = try self.command(ContainerSpec(args: ["x"], env: ["A=1", "A=2", "B=", "HOME", "C=x=y"]))
    #expect(command.environment.filter { "ABCH".contains($0.prefix(1)) } == ["A=2", "B=", "C=x=y", "HOSTNAME=here"])
  }

  @Test("placeholders in the environment are replaced")
  func placeholders() throws {
    let command = try self.command(ContainerSpec(args: ["x"], env: ["WHERE={{.Node.Hostname}}"], hostname: "{{.Service.Name}}-1"))
    #expect(command.environment.contains("WHERE=here"))
    #expect(command.environment.contains("HOSTNAME=web-1"))
    #expect(throws: RuntimeError.self) { try self.command(ContainerSpec(args: ["x"], env: ["A={{.Nothing}}"])) }
  }

  @Test(
    "signals have names, short names and numbers",
    arguments: [("", 15), ("SIGTERM", 15), ("term", 15), ("9", 9), ("SIGRTMIN+3", 37), ("RTMAX-1", 63)] as [(String, Int32)]
  )
  func signals(name: String, number: Int32) throws {
    #expect(try StopSignal.number(of: name) == number)
  }

  @Test("numbers outside of the range are no signals", arguments: ["0", "65", "-1", "RTMIN+31", "SIG", "999999999999"])
  func badSignals(name: String) {
    #expect(throws: RuntimeError(code: .invalidArgument, message: "invalid signal: \(name)")) {
      try StopSignal.number(of: name)
    }
  }
}
