#!/bin/sh
# What CI runs, in CI's order; run it before each commit.
set -eu
. "$(dirname -- "$0")/setup.sh"
cd "$root"
step() {
    echo "== $1" >&2
    shift
    "$@"
}
step format cargo fmt --all -- --check
step clippy cargo clippy --locked --all-targets --quiet -- -D warnings
step 'clippy without features' cargo clippy --locked --lib --no-default-features --quiet -- -D warnings
step docs env RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --quiet
step tests scripts/test --quiet "$@"
