#!/usr/bin/env bash
# The whole suite: checks, Swift tests, peers that share no code, the console in Chromium. Ends with a clear line.
set -uo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS
failed=()
run() {
  local name=$1
  shift
  printf '\n=== %s (after %d s)\n' "$name" "$((SECONDS - started))"
  "$@" || { failed+=("$name"); printf '=== %s FAILED\n' "$name"; }
}

run "checks" Scripts/check.sh
run "build (debug)" swift build --build-tests
run "swift tests" Scripts/swift-test.sh
run "build (release)" swift build -c release --product tributary
run "kill -9 under load" .build/release/tributary soak kill --minutes 0.3 --streams 10
run "peers" Tests/Interop/run.sh
run "console in Chromium, real server" Scripts/browser-test.sh
[ -x .venv/bin/python3 ] && export PATH="$PWD/.venv/bin:$PATH"
run "console in Chromium, injected faults" Tests/Browser/run.sh

if [ ${#failed[@]} -eq 0 ]; then
  printf '\nAll tests passed in %d s.\n' "$((SECONDS - started))"
else
  printf '\nFAILED after %d s: %s\n' "$((SECONDS - started))" "${failed[*]}"
  exit 1
fi
