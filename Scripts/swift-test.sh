#!/usr/bin/env bash
# Runs every Swift test target in a process of its own, one after the other: many of them use real sockets,
# child processes and blocking peers, and would starve each other in one. Needs `swift build --build-tests` before.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=()
total=0
for folder in Tests/*Tests; do
  target=$(basename "$folder")
  log=$(mktemp)
  begin=$SECONDS
  if swift test --skip-build --filter "^$target\." >"$log" 2>&1; then
    count=$(sed -n 's/.*Test run with \([0-9]*\) test.*/\1/p' "$log" | tail -1)
    total=$((total + ${count:-0}))
    printf 'ok    %-22s %4s tests  %3d s\n' "$target" "${count:-0}" "$((SECONDS - begin))"
    [ "${count:-0}" -gt 0 ] || failed+=("$target (no tests)")
  else
    printf 'FAIL  %-22s\n' "$target"
    grep -E '✘|error:|Fatal|recorded an issue|signal' "$log" | head -40
    failed+=("$target")
  fi
  rm -f "$log"
done
printf '%d passed, %d failed\n' "$total" "${#failed[@]}"
[ ${#failed[@]} -eq 0 ] || { printf 'failed: %s\n' "${failed[*]}"; exit 1; }
