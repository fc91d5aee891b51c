#!/usr/bin/env bash
# What a registration with digest and a heartbeat cost Tributary and Kamailio, in one run with one load generator.
# Needs the release binary (make build) and Debian's kamailio; options: --help.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v taskset >/dev/null || { echo "compare-registrar: taskset is missing: apt-get install util-linux" >&2; exit 1; }
[ -x /usr/sbin/kamailio ] || {
  echo "compare-registrar: Kamailio is missing: apt-get install --no-install-recommends kamailio" >&2
  exit 1
}
exec /usr/bin/python3 Tests/Peers/kamailio/compare.py "$@"
