#!/usr/bin/env bash
# Measures again what raw.json holds, one JSON line a run. Writes to standard output: results are not rewritten.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"

for seed in 11 12 13 14 15; do
  "$NOVACRON" bench ingest-faults --json --faults torn --seed "$seed"
done
