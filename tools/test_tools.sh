#!/bin/sh
# Makes sure that the tests find what does not come as a Python package: a real browser, a real PostgreSQL,
# Mosquitto and Redis, and a Devanagari font for pictures of Hindi pages. What is there already is left alone, and then
# nothing goes on the network.
set -eu

missing=""
has() { for name in "$@"; do command -v "$name" >/dev/null 2>&1 && return 0; done; return 1; }
exists() { for path in "$@"; do [ -e "$path" ] && return 0; done; return 1; }

has chromium chromium-browser google-chrome google-chrome-stable || missing="$missing chromium"
has postgres || exists /usr/lib/postgresql/*/bin/postgres || missing="$missing postgresql"
has mosquitto || exists /usr/sbin/mosquitto || missing="$missing mosquitto"
has redis-server valkey-server || missing="$missing redis-server"
exists /usr/share/fonts/truetype/noto/NotoSansDevanagari* /usr/share/fonts/*/NotoSansDevanagari* \
  /System/Library/Fonts/*Devanagari* || missing="$missing fonts-noto-core"
[ -n "$missing" ] || exit 0

if ! has apt-get; then
  echo "The tests need these, which are not on this machine:$missing (Debian's names; install your system's equivalents)." >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  as_root() { env DEBIAN_FRONTEND=noninteractive "$@"; }
elif has sudo && sudo -n true 2>/dev/null; then
  as_root() { sudo -n env DEBIAN_FRONTEND=noninteractive "$@"; }
else
  echo "The tests need a few system packages. Run: sudo apt install --no-install-recommends$missing" >&2
  exit 1
fi
echo "Installing for the tests:$missing"
as_root apt-get update -q </dev/null
# shellcheck disable=SC2086 # one word a package
as_root apt-get install -q -y --no-install-recommends $missing </dev/null
