#!/usr/bin/env bash
# Compiles the page engine's kernels with the pinned AssemblyScript from npm; the bytes that come
# out are those in the repository. Usage: scripts/build_engine.sh [OUTPUT.wasm]
# Exits with 3 if the compiler can't be installed.
set -euo pipefail
engine=$(cd "$(dirname "$0")/../kdviz/page/engine" && pwd)
output=$(realpath "${1:-$engine/kernels.wasm}")

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund assemblyscript@0.28.20 >&2 || exit 3
cp "$engine/kernels.ts" .
npx --no-install asc kernels.ts -O3 --runtime stub --enable simd --importMemory --noAssert \
    --outFile "$output"
