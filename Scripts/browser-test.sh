#!/usr/bin/env bash
# Runs the console's tests in headless Chromium against a real server with simulated cameras on free ports.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x .venv/bin/python3 ] && export PATH="$PWD/.venv/bin:$PATH"
work=$(mktemp -d)
binary=${TRIBUTARY_BINARY:-.build/release/tributary}
cleanup() {
  [ -n "${server:-}" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT

"$binary" demo --levels 1 --data "$work/data" --port 0 --ready-file "$work/ready.json" --recorded 60 >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 1 900); do
  [ -s "$work/ready.json" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$work/server.log"; printf 'browser-test: the server ended\n'; exit 1; }
  sleep 0.2
done
[ -s "$work/ready.json" ] || { tail -50 "$work/server.log"; printf 'browser-test: the server was not ready in 180 s\n'; exit 1; }
field() { /usr/bin/python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/ready.json" "$1"; }
TRIBUTARY_URL=$(field url) TRIBUTARY_LINK=$(field link) Tests/Browser/run.sh
