#!/usr/bin/env bash
# Makes the virtual environment that the Makefile uses: setup.sh PYTHON VENV
set -euo pipefail

python=$1
venv=$2
cpu_index=https://download.pytorch.org/whl/cpu

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    found=$("$python" --version 2>&1 || true)
    echo "kdviz needs Python 3.11 or newer; '$python' is: ${found:-not found}." >&2
    echo "Install one and name it, for example: make app PYTHON=python3.12" >&2
    exit 1
fi

if ! "$python" -m venv "$venv"; then
    echo "Python could not make a virtual environment in $venv." >&2
    echo "On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
    exit 1
fi
pip=("$venv/bin/python" -m pip --disable-pip-version-check)

# On Linux the package index serves torch with gigabytes of CUDA. Without an NVIDIA GPU the CPU
# build does the same; where PyTorch's own index does not answer at once, the usual one serves.
answers() {
    "$venv/bin/python" -c 'import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=3)' \
        "$1/torch/" 2>/dev/null
}
if [ "$(uname -sm)" = "Linux x86_64" ] && ! command -v nvidia-smi >/dev/null; then
    torch=$(grep -oE '^torch==[0-9.]+' requirements.txt)
    if answers "$cpu_index"; then
        echo "No NVIDIA GPU found: installing the CPU build of $torch."
        "${pip[@]}" install --index-url "$cpu_index" "$torch" ||
            echo "That did not work; the usual package index serves $torch."
    fi
fi

echo "Installing kdviz and what it needs into $venv. The first time takes some minutes."
"${pip[@]}" install --quiet --requirement requirements.txt
