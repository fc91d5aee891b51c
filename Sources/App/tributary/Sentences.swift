import Foundation
import Glibc

/// Prints one sentence on standard error and ends with exit code 1.
func exitWithSentence(_ text: String) -> Never {
  FileHandle.standardError.write(Data("tributary: \(text)\n".utf8))
  Glibc.exit(1)
}

func ignoreBrokenPipes() {
  signal(SIGPIPE, SIG_IGN)
}

/// Prints a line at once, also into a pipe.
func say(_ text: String) {
  FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

/// One line of JSON on standard output.
func sayJSON(_ value: some Encodable) {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  guard let data = try? encoder.encode(value) else { return }
  FileHandle.standardOutput.write(data + Data("\n".utf8))
}
