#!/bin/sh
# Tests of scripts/fetch_onnxruntime.py and scripts/cermat: what they do when something is missing.
# Nothing here needs a network; the library is set up already when this runs.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python=$(command -v python3 || command -v python) || exit 0
failures=0

# try NAME CODE TEXT COMMAND...: the exit code, and a text on standard error.
try() {
    name=$1 code=$2 text=$3
    shift 3
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    if [ "$got" -eq "$code" ] && { [ -z "$text" ] || grep -q -- "$text" "$scratch/err"; }; then
        echo "ok   setup: $name"
    else
        echo "FAIL setup: $name: exit code $got, expected $code and \`$text\` in:"
        cat "$scratch/err"
        failures=$((failures + 1))
    fi
}

# No network: nothing listens on that port.
alone="env -u PIP_FIND_LINKS -u CERMAT_ONNXRUNTIME_WHEEL -u ORT_DYLIB_PATH PIP_INDEX_URL=http://127.0.0.1:9/simple PIP_RETRIES=0 PIP_NO_CACHE_DIR=1 PIP_CONFIG_FILE=/dev/null"
setup="$python $root/scripts/fetch_onnxruntime.py"

try 'no network says what to do' 4 'CERMAT_ONNXRUNTIME_WHEEL' \
    $alone CERMAT_DATA_DIR="$scratch/a" $setup
[ -z "$(find "$scratch/a" -type f 2>/dev/null)" ] || { echo 'FAIL setup: left a file'; failures=$((failures + 1)); }

printf 'no wheel' >"$scratch/fake.whl"
try 'another hash is refused' 4 'has SHA-256' \
    $alone CERMAT_DATA_DIR="$scratch/b" CERMAT_ONNXRUNTIME_WHEEL="$scratch/fake.whl" $setup
[ -z "$(find "$scratch/b" -type f 2>/dev/null)" ] || { echo 'FAIL setup: left a file'; failures=$((failures + 1)); }

try 'a wheel that is not there' 4 'no file' \
    $alone CERMAT_DATA_DIR="$scratch/c" CERMAT_ONNXRUNTIME_WHEEL="$scratch/none.whl" $setup

mkdir "$scratch/site"
echo 'import platform; platform.machine = lambda: "riscv64"' >"$scratch/site/sitecustomize.py"
try 'an unknown platform' 4 'no pinned library for .* riscv64' \
    $alone CERMAT_DATA_DIR="$scratch/d" PYTHONPATH="$scratch/site" $setup

try 'a folder that cannot be made' 4 'set CERMAT_DATA_DIR' \
    $alone CERMAT_DATA_DIR=/dev/null/cermat $setup

echo 'import builtins, errno, os
real = os.replace
def full(*_, **__): raise OSError(errno.ENOSPC, "No space left on device")
os.makedirs = full
import pathlib
pathlib.Path.mkdir = full' >"$scratch/site/sitecustomize.py"
try 'a full disk' 4 'free 60 MB' \
    $alone CERMAT_DATA_DIR="$scratch/e" PYTHONPATH="$scratch/site" $setup

# What is there stays, without a word and without a network.
if [ -z "${ORT_DYLIB_PATH:-}" ]; then
    try 'set up once' 0 '' $alone $setup
    [ ! -s "$scratch/err" ] || { echo 'FAIL setup: the second time it talks'; failures=$((failures + 1)); }
    library=$(cat "$scratch/out")
    mkdir -p "$scratch/f/onnxruntime/1.31.1"
    head -c 1000 "$library" >"$scratch/f/onnxruntime/1.31.1/$(basename "$library")"
    try 'a library cut short is not used' 4 'is not the pinned library' \
        $alone CERMAT_DATA_DIR="$scratch/f" $setup
fi

# Without cargo, without Python.
mkdir "$scratch/bin"
for tool in sh dirname mkdir env cat; do
    ln -s "$(command -v "$tool")" "$scratch/bin/$tool"
done
try 'no cargo' 4 'rustup' \
    env PATH="$scratch/bin" HOME="$scratch" sh "$root/scripts/cermat" --version
printf '#!/bin/sh\nexit 0\n' >"$scratch/bin/cargo"
chmod +x "$scratch/bin/cargo"
try 'no Python' 4 'ORT_DYLIB_PATH' \
    env -u ORT_DYLIB_PATH PATH="$scratch/bin" HOME="$scratch" sh "$root/scripts/cermat" --version

[ "$failures" -eq 0 ]
