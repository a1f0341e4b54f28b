// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

extension DurationValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension CPUValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension MemoryValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension CountValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension RatioValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension PortValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension MountValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension UlimitValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension FileReferenceValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension NetworkValue: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
