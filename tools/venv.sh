#!/bin/sh
# Make .venv and install the given files of pinned requirements, if they changed since.
set -eu
cd "$(dirname "$0")/.."

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "GasStock needs Python 3.11 or newer. Install it, or name it: make run PYTHON=/path/to/python3.12" >&2
    exit 1
}

if [ ! -x .venv/bin/python ] || ! is_new_enough .venv/bin/python; then
    python=$(find_python)
    echo "Making .venv with $("$python" --version)"
    if ! "$python" -m venv --clear .venv; then
        rm -rf .venv
        echo "Could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi

stamp=".venv/.installed-$(basename "$1" .txt)"
wanted=$(cat "$@" | cksum)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    echo "Installing $*"
    files=""
    for file in "$@"; do files="$files -r $file"; done
    # shellcheck disable=SC2086
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes $files
    echo "$wanted" >"$stamp"
fi
