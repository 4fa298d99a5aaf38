#!/usr/bin/env bash
# What the release binary weighs: on disk, and in memory after some minutes of `demo` (whose
# servers and DNS live in the same process).
#
#   tests/benches/memory.sh [BINARY] [SECONDS]
set -euo pipefail
binary=${1:-target/release/origin-probe}
seconds=${2:-300}
log=$(mktemp)
trap 'kill "$demo" 2>/dev/null || true; rm -f "$log"' EXIT
"$binary" demo >"$log" 2>&1 &
demo=$!
sleep "$seconds"
resident=$(awk '/^VmRSS/ {print $2}' "/proc/$demo/status")
peak=$(awk '/^VmHWM/ {print $2}' "/proc/$demo/status")
printf 'figure binary_size %s bytes\n' "$(stat -c %s "$binary")"
printf 'figure demo_resident_memory %s KiB\n' "$resident"
printf 'figure demo_peak_resident_memory %s KiB\n' "$peak"
