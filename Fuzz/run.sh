#!/usr/bin/env bash
# Fuzzes every parser.
#
#   Fuzz/run.sh --seconds 60          a slice of the time for each target (continuous integration)
#   Fuzz/run.sh --runs 10000000       so many inputs for each target
#   Fuzz/run.sh --seconds 600 demuxer only the targets named
#   Fuzz/run.sh --list                the names
#
# Fuzz/findings (not committed) keeps the inputs that reached new code in corpus/<target>, and crashes. A crash is
# mended together with a named test that rebuilds it.
set -euo pipefail
# The fuzzer itself reports a trap and keeps the input; the Swift backtracer would get in its way.
export SWIFT_BACKTRACE=enable=no
cd "$(dirname "$0")"

mode=seconds
amount=60
targets=()
list=false
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) mode=seconds amount=$2; shift 2 ;;
    --runs) mode=runs amount=$2; shift 2 ;;
    --list) list=true; shift ;;
    -*) echo "unknown option $1" >&2; exit 2 ;;
    *) targets+=("$1"); shift ;;
  esac
done

scratch=${TRIBUTARY_FUZZ_BUILD:-.build}
swift build -c release --scratch-path "$scratch" --sanitize fuzzer --product Fuzz >&2
program="$scratch/release/Fuzz"

if $list; then "$program"; exit 0; fi
if [ ${#targets[@]} -eq 0 ]; then read -r -a targets <<<"$("$program")"; fi

mkdir -p findings
status=0
for target in "${targets[@]}"; do
  mkdir -p "findings/corpus/$target"
  longest=$(TRIBUTARY_FUZZ_TARGET=$target TRIBUTARY_FUZZ_SEEDS="findings/corpus/$target" "$program")
  if [ "$mode" = seconds ]; then
    slice=$((amount / ${#targets[@]}))
    limit=(-max_total_time=$((slice > 0 ? slice : 1)))
  else
    limit=(-runs="$amount")
  fi
  log="findings/$target.log"
  if TRIBUTARY_FUZZ_TARGET=$target "$program" "${limit[@]}" -max_len="$longest" -timeout=60 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="findings/$target-" "findings/corpus/$target" >"$log" 2>&1; then
    runs=$(grep -o 'number_of_executed_units: *[0-9]*' "$log" | grep -o '[0-9]*$' || true)
    echo "ok   $target: ${runs:-?} inputs"
    rm -f "$log"
  else
    echo "FAIL $target: see Fuzz/$log and Fuzz/findings/$target-*"
    tail -n 20 "$log"
    status=1
  fi
done
exit $status
