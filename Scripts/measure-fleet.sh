#!/usr/bin/env bash
# Registers many simulated devices at a server of their own on this machine and holds them, with a heartbeat a minute
# each: how long until all are there, whether one gets lost, what a heartbeat costs on either side.
# Processor time is that of the whole process in hundredths of a second, less what the server needs without devices.
# Needs a release build. No part of `make test`.
#
#   Scripts/measure-fleet.sh [DEVICES [SECONDS]]        default: 10000 devices, held for 180 s
set -euo pipefail
cd "$(dirname "$0")/.."
program=${TRIBUTARY:-.build/release/tributary}
devices=${1:-10000}
hold=${2:-180}
folder=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill -INT "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT

read -r sip http media metrics < <(python3 - <<'PY'
import socket
sockets = [socket.socket() for _ in range(4)]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*[each.getsockname()[1] for each in sockets])
PY
)
cat >"$folder/tributary.yaml" <<YAML
platform: { id: "34020000002000000001" }
data: $folder/data
listen: { http: 127.0.0.1:$http, sip: 127.0.0.1:$sip, media: 127.0.0.1:$media, metrics: 127.0.0.1:$metrics }
YAML
python3 - "$devices" >"$folder/devices.csv" <<'PY'
import sys
print("id,name,password")
for index in range(int(sys.argv[1])):
    print(f"3402000000118{7000001 + index:07d},Device {index + 1},fleet")
PY
"$program" devices import --config "$folder/tributary.yaml" "$folder/devices.csv" >/dev/null
"$program" serve --config "$folder/tributary.yaml" >"$folder/serve.log" 2>&1 &
server=$!
pids+=("$server")
until curl -sf "http://127.0.0.1:$metrics/metrics" >"$folder/metrics"; do
  kill -0 "$server" || { cat "$folder/serve.log"; exit 1; }
  sleep 0.2
done

# What the server does by itself is no cost of heartbeats.
spent() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
idle=$(spent "$server")
sleep 15
idle=$(echo "scale=4; ($(spent "$server") - $idle) / 15" | bc)

"$program" simulate --port "$sip" --devices "$devices" --channels 1 --password fleet --json \
  >"$folder/simulate.json" 2>"$folder/simulate.log" &
simulator=$!
pids+=("$simulator")

figure() { tail -1 "$folder/simulate.json" | python3 -c "import json,sys; print(json.loads(sys.stdin.read() or '{}').get('$1', 0))"; }
online() { curl -sf "http://127.0.0.1:$metrics/metrics" | awk -v state="$1" '$1 == "tributary_devices{state=\"" state "\"}" { print $2 }'; }

# The first device registers when the pictures are prepared, which a first run may take a while for.
until [ "$(figure registered)" -gt 0 ]; do sleep 0.2; done
begin=$(date +%s.%N)
until [ "$(figure registered)" -ge "$devices" ]; do
  kill -0 "$simulator" || { cat "$folder/simulate.log"; exit 1; }
  sleep 0.2
done
printf 'registered: %s devices in %.1f s, %s refused\n' "$devices" \
  "$(echo "$(date +%s.%N) - $begin + 1" | bc)" "$(figure refusedRegistrations)"

# Catalogs are asked for after registering: the heartbeats are measured when that is done.
sleep 60
before=("$(spent "$server")" "$(spent "$simulator")" "$(figure keepalives)")
sleep "$hold"
after=("$(spent "$server")" "$(spent "$simulator")" "$(figure keepalives)")
beats=$((after[2] - before[2]))
report() {
  printf '%s: %.1f %% of a processor, %.0f µs per heartbeat, %d MiB\n' "$1" \
    "$(echo "scale=3; ($3 - $2) / $hold" | bc)" "$(echo "scale=3; ($3 - $2 - $5 * $hold) * 10000 / $beats" | bc)" \
    "$(awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$4/status")"
}
printf 'heartbeats: %s in %s s\n' "$beats" "$hold"
report server "${before[0]}" "${after[0]}" "$server" "$idle"
report simulator "${before[1]}" "${after[1]}" "$simulator" 0
printf 'at the end: %s of %s registered, %s online at the server, %s heartbeats without an answer, %s refusals\n' \
  "$(figure registered)" "$devices" "$(online online)" "$(figure missedKeepalives)" \
  "$(figure refusedRegistrations)"
[ "$(figure registered)" -eq "$devices" ] && [ "$(figure missedKeepalives)" -eq 0 ]
