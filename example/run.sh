#!/usr/bin/env bash
# Runs the whole pipeline on this folder in a home of its own, and checks that it ends as it should.
set -euo pipefail
program=${1:-.build/release/millrace}
folder=$(cd "$(dirname "$0")" && pwd)
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

"$program" run "$folder" --home "$home/millrace" --log-level warning | tee "$home/output.txt"

recommendations=$(grep -cE '^(10|[1-9]) +[0-9]+ +.*\([0-9]{4}\)' "$home/output.txt" || true)
if [ "$recommendations" -lt 10 ]; then
    echo "expected at least ten recommendations with titles, found $recommendations" >&2
    exit 1
fi
