#!/bin/sh
# Prints the uv to use, the installer that checks every download against requirements*.lock.
# One on PATH that is new enough is taken; otherwise the pinned one goes into .tools, beside the code and nowhere else.
set -eu
cd "$(dirname "$0")/.."

if command -v uv >/dev/null 2>&1; then
  version="$(uv --version 2>/dev/null | sed -E 's/^uv ([0-9]+)\.([0-9]+).*/\1 \2/')"
  major="${version%% *}"
  minor="${version##* }"
  case "$major$minor" in
    '' | *[!0-9]*) ;;
    *) if [ "$major" -gt 0 ] || [ "$minor" -ge 11 ]; then command -v uv; exit 0; fi ;; # `required-version` in pyproject.toml
  esac
fi

if [ -x .tools/bin/uv ] && .tools/bin/uv --version >/dev/null 2>&1 && [ ! requirements-uv.lock -nt .tools/bin/uv ]; then
  echo "$PWD/.tools/bin/uv"
  exit 0
fi

python="$(sh tools/python.sh)"
make_venv() { rm -rf .tools && "$python" -m venv .tools >/dev/null 2>&1; }
if ! make_venv; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Python has no venv here; installing Debian's python3-venv." >&2
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3-venv; } >&2 </dev/null
  fi
  if ! make_venv; then
    rm -rf .tools
    echo "This Python cannot make a virtual environment. On Debian or Ubuntu run: sudo apt install python3-venv" >&2
    exit 1
  fi
fi
.tools/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-uv.lock >&2 </dev/null
touch .tools/bin/uv
echo "$PWD/.tools/bin/uv"
