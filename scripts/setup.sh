# Read by the other scripts: sets `root`, `target`, and sets up what is missing.
# POSIX sh; macOS has no newer bash than 3.2.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

fail() {
    printf 'cermat setup: failed: %s\n' "$1" >&2
    exit 4
}

# rustup installs there, and a shell opened before does not know.
command -v cargo >/dev/null 2>&1 || PATH="$HOME/.cargo/bin:$PATH"
command -v cargo >/dev/null 2>&1 ||
    fail 'no cargo; install Rust 1.92 or later from https://rustup.rs and run this again'

# The library: one the user named is left to the user.
if [ -z "${ORT_DYLIB_PATH:-}" ]; then
    python=
    for name in python3 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
            python=$name
            break
        fi
    done
    [ -n "$python" ] ||
        fail 'no Python 3.8 or later, which gets ONNX Runtime; install it, or set ORT_DYLIB_PATH to the library of ONNX Runtime 1.31.1'
    "$python" "$root/scripts/fetch_onnxruntime.py" >/dev/null || exit $?
fi
