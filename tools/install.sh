#!/bin/sh
# Installs the pinned packages and the project itself into .venv: `install.sh run` what a user needs, `install.sh dev`
# also what tests and linters need. Nothing is installed whose hash is not in the lock file. Packages that are there
# already stay, so that both can be asked for in turn.
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
  run) lock=requirements.lock ;;
  dev) lock=requirements-dev.lock ;;
  *) echo "usage: install.sh run|dev" >&2; exit 2 ;;
esac

uv="$(sh tools/uv.sh)"
unset VIRTUAL_ENV
if [ "$(uname)" = Linux ] && [ ! -e /etc/ssl/certs/ca-certificates.crt ] && [ ! -d /etc/pki ] && [ -z "${SSL_CERT_FILE:-}" ]; then
  export UV_SYSTEM_CERTS=false # a bare machine has none; uv brings its own
fi
if ! .venv/bin/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' >/dev/null 2>&1; then
  # Without a suitable Python on this machine uv fetches one, where the network lets it.
  "$uv" venv --quiet --clear --python "$(sh tools/python.sh 2>/dev/null || echo '>=3.11,<3.14')" .venv || sh tools/python.sh
fi
echo "Installing into .venv (the first time takes a minute) …"
"$uv" pip install --quiet --python .venv/bin/python --require-hashes -r "$lock"
"$uv" pip install --quiet --python .venv/bin/python --no-deps -e .
touch .venv/.installed-run ".venv/.installed-$1"
