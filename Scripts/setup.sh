#!/usr/bin/env bash
# Installs what building, running and (with --test) testing Tributary needs on Debian 12.
# Does nothing where everything is there already; safe to run again at any time.
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(
  make git pkg-config libsqlite3-dev libssl-dev libavcodec-dev libavformat-dev libswscale-dev libswresample-dev
  libavutil-dev ffmpeg fonts-dejavu-core
)
test_packages=(chromium chromium-driver sip-tester python3 python3-venv procps fonts-noto-cjk)

wanted=("${build_packages[@]}")
[ "${1:-}" = "--test" ] && wanted+=("${test_packages[@]}")

fail() { printf 'setup: %s\n' "$1" >&2; exit 1; }

command -v swift >/dev/null 2>&1 || fail "no Swift toolchain found. Install Swift 6.3 (swift.org/install/linux) and put it on PATH."
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
case "$version" in
  6.[3-9]*|[7-9]*) ;;
  *) fail "Swift 6.3 or newer is needed, found '${version:-unknown}'." ;;
esac

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null 2>&1 || fail "these packages are missing and apt-get is not here: ${missing[*]}"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "run as root once: apt-get install -y ${missing[*]}"
    as_root=(sudo)
  fi
  printf 'setup: installing %d packages: %s\n' "${#missing[@]}" "${missing[*]}"
  "${as_root[@]}" apt-get update -qq || fail "apt-get update failed: is the network up?"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || fail "apt-get could not install: ${missing[*]}"
fi

if [ "${1:-}" = "--test" ] && ! .venv/bin/python -c 'import selenium' 2>/dev/null; then
  printf 'setup: preparing the Python environment for the browser tests\n'
  /usr/bin/python3 -m venv .venv || fail "python3 -m venv failed (package python3-venv)"
  .venv/bin/pip install --quiet --disable-pip-version-check selenium || fail "pip could not install selenium"
fi
printf 'setup: ready\n'
