#!/usr/bin/env bash
# Makes the pairs of raw.txt again: run.sh BEFORE, the launcher of a checkout of 192c8c1. Wants a quiet machine.
set -euo pipefail
NOVACRON="$(dirname "${BASH_SOURCE[0]}")/../../../novacron"
for _ in 1 2 3; do
  "$1" bench dispatch --json
  "$NOVACRON" bench dispatch --json
done
"$1" bench ingest --shape fleet --seconds 30 --json
"$NOVACRON" bench ingest --shape fleet --seconds 30 --json
"$NOVACRON" bench lifecycle-faults --rounds 6 --json
