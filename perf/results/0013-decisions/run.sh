#!/usr/bin/env bash
# Measures again what raw.json holds, one JSON line a run. Writes to standard output: results are not rewritten.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"

for run in 1 2 3; do
  "$NOVACRON" bench dispatch --json --decisions 1000
done
"$NOVACRON" bench lifecycle-faults --json --rounds 1000 --seed 13
