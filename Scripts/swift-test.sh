#!/usr/bin/env bash
# Runs every Swift test target in a process of its own, one after the other: many of them use real sockets,
# child processes and blocking peers, and would starve each other in one. Needs `swift build --build-tests` before.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=()
total=0

run() {
  local name=$1 filter=$2 log begin count
  log=$(mktemp)
  begin=$SECONDS
  if swift test --skip-build --filter "$filter" >"$log" 2>&1; then
    count=$(sed -n 's/.*Test run with \([0-9]*\) test.*/\1/p' "$log" | tail -1)
    total=$((total + ${count:-0}))
    printf 'ok    %-22s %4s tests  %3d s\n' "$name" "${count:-0}" "$((SECONDS - begin))"
    [ "${count:-0}" -gt 0 ] || failed+=("$name (no tests)")
  else
    printf 'FAIL  %-22s\n' "$name"
    grep -E '✘|error:|Fatal|recorded an issue|signal' "$log" | head -40
    failed+=("$name")
  fi
  rm -f "$log"
}

for folder in Tests/*Tests; do
  target=$(basename "$folder")
  case $target in
  # Hundreds of whole servers at once would starve each other too, and one suite counts what its process has open.
  ServerTests)
    run "$target, end to end" "^$target\.EndToEndTests"
    run "$target A-E" "^$target\.([A-D]|E(?!ndToEndTests))"
    run "$target F-R" "^$target\.[F-R]"
    run "$target S-z" "^$target\.[S-Za-z_]"
    ;;
  *) run "$target" "^$target\." ;;
  esac
done
printf '%d passed, %d failed\n' "$total" "${#failed[@]}"
[ ${#failed[@]} -eq 0 ] || { printf 'failed: %s\n' "${failed[*]}"; exit 1; }
