#!/bin/sh
# Make the checkout's virtual environment: scripts/setup.sh default | dev | training | lock
#
# Finds a python of 3.11 or later (PYTHON= names another) and hands over to scripts/environment.py.
set -eu
cd "$(dirname "$0")/.."

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ -n "${PYTHON:-}" ]; then
    if ! is_recent "$PYTHON"; then
        echo "set-up: PYTHON=$PYTHON is not a python of version 3.11 or later" >&2
        exit 1
    fi
    python=$PYTHON
else
    python=
    for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if is_recent "$candidate"; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "set-up: no python of version 3.11 or later was found; install one or name it: PYTHON=/path/to/python3.11" >&2
        exit 1
    fi
fi

# -I keeps PYTHONPATH and the user's site folder out of the set-up.
exec "$python" -I scripts/environment.py "$@"
