import Benchmark

/// Uses a value, so that what made it is not optimised away.
@inline(never) @_optimize(none)
func keep<Value>(_ value: Value) {}

@main
enum Main {
  static func main() { Benchmark.main(mediaSuites() + signallingSuites() + accessSuites()) }
}
