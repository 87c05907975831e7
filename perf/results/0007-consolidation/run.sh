#!/usr/bin/env bash
# Measures again what raw.json holds, one JSON line a run. Writes to standard output: results are not rewritten.
# NOVACRON_DATA is the folder of public traces (planetlab/, alibaba_openb_2023/).
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"

for day in 20110303 20110306 20110309 20110325 20110403 20110409 20110412; do
  for mode in "as-released as-released" "keep as-released" "keep hard"; do
    read -r vms ram <<<"$mode"
    "$NOVACRON" evaluate consolidation --trace "$NOVACRON_DATA/planetlab/$day.csv.gz" --vms "$vms" --ram "$ram" --json
  done
done
for trace in default cpu050 cpu100 cpu200; do
  "$NOVACRON" evaluate openb --trace "$trace" --seeds 10 --json
done
