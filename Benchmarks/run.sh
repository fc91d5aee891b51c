#!/usr/bin/env bash
# Micro-benchmarks of demultiplexer, depacketiser, fMP4 writer and SIP parser.
#
#   Benchmarks/run.sh                    all, as a table
#   Benchmarks/run.sh --filter SIP       only what matches
#   Benchmarks/run.sh --format json      for machines
#
# A figure alone says little on a busy machine: each suite begins with a floor, the same bytes copied once.
set -euo pipefail
cd "$(dirname "$0")"
swift build -c release --product Benchmarks >&2
exec .build/release/Benchmarks "$@"
