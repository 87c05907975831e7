#!/usr/bin/env bash
# Makes the figures of README.md again: run.sh FOLDER, which holds cpu_usage_percent.csv.gz. Writes to standard output.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"
for lstm in "" --lstm; do
  for entities in 125 500; do
    "$NOVACRON" evaluate forecast --data "$1" --metrics cpu_usage_percent --max-entities "$entities" --threads 1 \
      --train-until 5184 --horizons 5m,60m,24h $lstm --json
  done
done
