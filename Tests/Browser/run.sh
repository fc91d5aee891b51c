#!/bin/sh
# Browser tests of the console in headless Chromium.
#
#   Tests/Browser/run.sh [-k NAME]
#
# Without TRIBUTARY_URL they run against the mock server of this folder. Against a real one:
#   TRIBUTARY_URL=http://127.0.0.1:8080 TRIBUTARY_LINK='http://127.0.0.1:8080/#/first-run/…' Tests/Browser/run.sh
# (or TRIBUTARY_USER and TRIBUTARY_PASSWORD instead of the link; TRIBUTARY_MOCK=1 says that the URL is a mock).
set -eu
cd "$(dirname "$0")"

fail() { echo "$1" >&2; exit 1; }

command -v python3 >/dev/null || fail "python3 is missing: apt-get install python3"
CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$CHROMIUM" ] || fail "Chromium is missing: apt-get install chromium chromium-driver"
CHROMEDRIVER=${CHROMEDRIVER:-$(command -v chromedriver || true)}
[ -n "$CHROMEDRIVER" ] || fail "chromedriver is missing: apt-get install chromium-driver"
if [ -z "${TRIBUTARY_URL:-}" ]; then
  command -v ffmpeg >/dev/null || fail "ffmpeg is missing, the mock server draws its pictures with it: apt-get install ffmpeg"
fi
export CHROMIUM CHROMEDRIVER

PYTHON=python3
if ! python3 -c 'import selenium' 2>/dev/null; then
  [ -x .venv/bin/python ] || python3 -m venv .venv || fail "python3-venv is missing: apt-get install python3-venv"
  .venv/bin/python -c 'import selenium' 2>/dev/null || .venv/bin/python -m pip install --quiet 'selenium>=4.20,<5'
  PYTHON=.venv/bin/python
fi
exec "$PYTHON" run.py "$@"
