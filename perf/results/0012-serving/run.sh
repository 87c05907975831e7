#!/usr/bin/env bash
# Measures again what raw.json holds, one JSON line a run. Writes to standard output: results are not rewritten.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"

for vms in 1000 10000; do
  "$NOVACRON" bench forecast --vms "$vms" --warm-up 30 --json
  "$NOVACRON" bench forecast --vms "$vms" --tiers --json
done
"$NOVACRON" bench forecast --vms 100000 --warm-up 30 --json
