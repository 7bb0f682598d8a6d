#!/bin/sh
# Prints the Python to use: one of the versions that every pinned wheel exists for, by preference.
# 3.14 comes last: the embedded speech engine has no wheel for it, so a note needs a Whisper model there.
set -eu

for wanted in "3.11 3.12 3.13" 3.14; do
  for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    version="$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" || continue
    case " $wanted " in *" $version "*) command -v "$candidate"; exit 0 ;; esac
  done
done
echo "Auscult needs Python 3.11 to 3.14 and found none. Install it (on Debian or Ubuntu: apt install python3 python3-venv) and run this again." >&2
exit 1
