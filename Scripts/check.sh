#!/usr/bin/env bash
# What a machine can check without running anything: formatting, layers, imports, words.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0

printf 'check: formatting\n'
swift format lint --strict --configuration .swift-format -r -p Sources Tests Package.swift \
  Fuzz/Package.swift Fuzz/Sources/Fuzz Benchmarks/Package.swift Benchmarks/Sources/Benchmarks || failed=1

printf 'check: dependency directions\n'
python3 Scripts/check-layers.py || failed=1

printf 'check: Core and Domain stay pure\n'
if grep -rnE '^\s*(public |package |internal )?import (Foundation|FoundationEssentials|NIO|Logging|Dispatch)' \
    Sources/Core Sources/Domain; then
  printf 'check: the imports above do not belong below Edge\n'
  failed=1
fi

printf 'check: no home folder, build machine or unfinished mark in the tree\n'
if git grep -nE '(/home/[a-z]+/|/root/|/Users/)' -- . ':!Scripts/check.sh' ':!LICENSE'; then
  printf 'check: the paths above belong to one machine\n'
  failed=1
fi
if git grep -nwE 'TODO|FIXME|XXX' -- Sources Tests Web Scripts docs ':!Scripts/check.sh'; then
  printf 'check: finish the places above\n'
  failed=1
fi
if git ls-files --error-unmatch Package.resolved >/dev/null 2>&1; then
  printf 'check: Package.resolved must not be committed\n'
  failed=1
fi
[ $failed -eq 0 ] && printf 'check: ok\n' || printf 'check: failed\n'
exit $failed
