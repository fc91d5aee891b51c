#!/usr/bin/env bash
# Interoperability with peers that share no code with Tributary. Needs the release binary, SIPp and FFmpeg.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec /usr/bin/python3 Tests/Interop/run.py
