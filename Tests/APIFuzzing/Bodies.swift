// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Bodies that requests understand, with every field that they have; fuzzing begins with these.
enum Bodies {
  /// The body for a route, as `POST services/create`; `nil` where none is expected.
  static func template(for route: String, name: String, _ random: inout FuzzRandom) -> JSONValue? {
    switch route {
    case "POST services/create", "POST services/*/update":
      self.parsed(random.happens(50) ? self.service : self.smallService, name)
    case "POST nodes/*/update": self.parsed(self.node, name)
    case "POST swarm/init": self.parsed(self.initialization, name)
    case "POST swarm/join": self.parsed(self.joining, name)
    case "POST swarm/update": self.parsed(self.swarm, name)
    case "POST swarm/unlock": self.parsed(#"{"UnlockKey":"SWMKEY-1-7c37Cc8654o6p38HnroywCi19pllOnGtbdZEgtKxZu8"}"#, name)
    case "POST secrets/create", "POST secrets/*/update", "POST configs/create", "POST configs/*/update":
      self.parsed(self.secret, name)
    case "POST networks/create": self.parsed(self.network, name)
    case "POST plan": self.parsed(self.plan, name)
    case "POST containers/*/exec": self.parsed(self.command, name)
    case "POST exec/*/start": self.parsed(#"{"Detach":true,"Tty":false,"ConsoleSize":[24,80]}"#, name)
    default: nil
    }
  }

  private static func parsed(_ text: String, _ name: String) -> JSONValue? {
    try? EngineJSON.decode(JSONValue.self, from: Array(text.replacing("NAME", with: name).utf8))
  }

  private static let smallService =
    #"{"Name":"NAME","TaskTemplate":{"ContainerSpec":{"Image":"ticker"}},"Mode":{"Replicated":{"Replicas":1}}}"#

  private static let service = """
    {"Name":"NAME","Labels":{"a":"b","com.docker.stack.namespace":"st"},"TaskTemplate":{"ContainerSpec":{"Image":"ticker:1","Labels":{"x":"y"},
      "Command":["run"],"Args":["a","b"],"Hostname":"{{.Node.Hostname}}","Env":["A=1","B={{.Task.Slot}}"],"Dir":"/tmp","User":"1000:1000","Groups":["g"],
      "Privileges":{"CredentialSpec":{"File":"f"},"SELinuxContext":{"Disable":false,"User":"u","Role":"r","Type":"t","Level":"l"}},"TTY":false,
      "OpenStdin":false,"ReadOnly":true,"Mounts":[{"Type":"volume","Source":"s","Target":"/t","ReadOnly":false,"Consistency":"default",
      "VolumeOptions":{"NoCopy":true,"Labels":{"l":"v"},"DriverConfig":{"Name":"local","Options":{"o":"p"}}}},{"Type":"tmpfs","Target":"/m",
      "TmpfsOptions":{"SizeBytes":1048576,"Mode":511}},{"Type":"bind","Source":"/a","Target":"/b","BindOptions":{"Propagation":"rprivate"}}],
      "StopSignal":"SIGTERM","StopGracePeriod":1000000000,"Healthcheck":{"Test":["CMD","true"],"Interval":1000000000,"Timeout":1000000000,"Retries":3,
      "StartPeriod":0},"Hosts":["10.0.0.1 a"],"DNSConfig":{"Nameservers":["10.0.0.1"],"Search":["s"],"Options":["ndots:1"]},"Secrets":[],"Configs":[],
      "Isolation":"default","Init":true,"Sysctls":{"net.core.somaxconn":"10"},"CapabilityAdd":["NET_ADMIN"],"CapabilityDrop":["ALL"],
      "Ulimits":[{"Name":"nofile","Soft":100,"Hard":200}]},"Resources":{"Limits":{"NanoCPUs":1000000000,"MemoryBytes":8388608,"Pids":10},
      "Reservations":{"NanoCPUs":1000,"MemoryBytes":4194304,"GenericResources":[{"DiscreteResourceSpec":{"Kind":"gpu","Value":1}}]}},
      "RestartPolicy":{"Condition":"any","Delay":5000000000,"MaxAttempts":3,"Window":1000000000},"Placement":{"Constraints":["node.role==manager"],
      "Preferences":[{"Spread":{"SpreadDescriptor":"node.labels.a"}}],"MaxReplicas":2,"Platforms":[{"Architecture":"x86_64","OS":"linux"}]},
      "Networks":[{"Target":"host","Aliases":["a"]}],"LogDriver":{"Name":"json-file","Options":{"max-size":"1m"}},"ForceUpdate":0,"Runtime":"container"},
      "Mode":{"Replicated":{"Replicas":2}},"UpdateConfig":{"Parallelism":1,"Delay":1000,"FailureAction":"rollback","Monitor":1000000,
      "MaxFailureRatio":0.1,"Order":"start-first"},"RollbackConfig":{"Parallelism":0,"Delay":0,"FailureAction":"pause","Monitor":1000000,
      "MaxFailureRatio":0,"Order":"stop-first"},"EndpointSpec":{"Mode":"vip","Ports":[{"Name":"p","Protocol":"tcp","TargetPort":80,"PublishedPort":0,
      "PublishMode":"ingress"}]}}
    """
  private static let node = #"{"Name":"","Labels":{"a":"b"},"Role":"manager","Availability":"active"}"#
  private static let initialization = """
    {"ListenAddr":"127.0.0.1:0","AdvertiseAddr":"","DataPathAddr":"","DataPathPort":0,"ForceNewCluster":false,"AutoLockManagers":false,"Availability":"",
      "DefaultAddrPool":[],"SubnetSize":24,"Spec":{"Labels":null,"Orchestration":{},"Raft":{"ElectionTick":0,"HeartbeatTick":0},"Dispatcher":{},
      "CAConfig":{},"TaskDefaults":{},"EncryptionConfig":{"AutoLockManagers":false}}}
    """
  private static let joining = """
    {"ListenAddr":"127.0.0.1:0","AdvertiseAddr":"","RemoteAddrs":["127.0.0.1:1"],"Availability":"",
      "JoinToken":"SWMTKN-1-00000000000000000000000000000000000000000000000000-0000000000000000000000000"}
    """
  private static let swarm = """
    {"Name":"default","Labels":{"a":"b"},"Orchestration":{"TaskHistoryRetentionLimit":2},"Raft":{"SnapshotInterval":10000,"KeepOldSnapshots":0,
      "LogEntriesForSlowFollowers":500,"ElectionTick":10,"HeartbeatTick":1},"Dispatcher":{"HeartbeatPeriod":5000000000},
      "CAConfig":{"NodeCertExpiry":7776000000000000},"TaskDefaults":{},"EncryptionConfig":{"AutoLockManagers":false}}
    """
  private static let secret =
    #"{"Name":"NAME","Labels":{"a":"b"},"Data":"c2VjcmV0","Templating":{"Name":"golang","Options":{"a":"b"}}}"#
  private static let network = """
    {"Name":"NAME","Driver":"overlay","Scope":"swarm","CheckDuplicate":true,"Internal":false,"Attachable":true,"Ingress":false,"EnableIPv6":false,
      "IPAM":{"Driver":"default","Config":[]},"Options":{"encrypted":""},"Labels":{"a":"b"}}
    """
  private static let command = """
    {"User":"","Privileged":false,"Tty":false,"AttachStdin":true,"AttachStderr":true,"AttachStdout":true,"Detach":false,"DetachKeys":"ctrl-p,ctrl-q",
      "Env":["A=1"],"WorkingDir":"/tmp","Cmd":["echo","NAME"],"ConsoleSize":[24,80]}
    """
  private static let plan = """
    [{"Create":{"Name":"NAME","TaskTemplate":{"ContainerSpec":{"Image":"ticker"}},"Mode":{"Replicated":{"Replicas":2}}}},{"Remove":"NAME"},
      {"Update":{"Service":"NAME","Spec":{"Name":"NAME","TaskTemplate":{"ContainerSpec":{"Image":"brief"}}}}},{"Rollback":"NAME"}]
    """
}
