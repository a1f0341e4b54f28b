// SPDX-License-Identifier: Apache-2.0

import Foundation
import NodeCommand
import ProcessCluster

// The demo's nodes are child processes of the same program: the name it is called by says what it is.
switch CommandLine.arguments.first {
case NodeProcess.Kind.manager.rawValue: await ManagerCommand.runToExit()
case NodeProcess.Kind.worker.rawValue: await WorkerCommand.runToExit()
default: break
}

let flags = CommandLine.arguments.dropFirst()
guard flags.allSatisfy({ $0 == "--keep" }) else {
  let usage = "usage: swarm-demo [--keep]: --keep leaves the swarm running and prints how to talk to it\n"
  let asked = flags.first == "--help"
  (asked ? FileHandle.standardOutput : FileHandle.standardError).write(Data(usage.utf8))
  exit(asked ? 0 : 64)
}
let demo = Demo(keepsRunning: !flags.isEmpty)
exit(await demo.run())
