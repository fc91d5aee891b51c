import FuzzTargets
import Glibc

// The entry points that libFuzzer calls. The target is chosen by TRIBUTARY_FUZZ_TARGET. With TRIBUTARY_FUZZ_SEEDS
// the target's seeds are written into that folder instead, its longest useful input is printed, and the process ends.

/// Fixed before the first input, on the only thread.
private nonisolated(unsafe) var chosen: (@Sendable ([UInt8]) -> Void)?

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
) -> Int32 {
  let names = FuzzTarget.all.map(\.name).joined(separator: " ")
  guard let name = environment("TRIBUTARY_FUZZ_TARGET"), let target = FuzzTarget.named(name) else {
    // Asked without a target: say what there is.
    puts(names)
    exit(0)
  }
  if let folder = environment("TRIBUTARY_FUZZ_SEEDS") {
    for (index, seed) in target.seeds().enumerated() { write(seed, to: "\(folder)/seed-\(index)") }
    puts("\(target.maximumLength)")
    exit(0)
  }
  chosen = target.run
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  chosen?(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

private func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}

private func write(_ bytes: [UInt8], to path: String) {
  guard let file = fopen(path, "wb") else {
    perror(path)
    exit(1)
  }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}
