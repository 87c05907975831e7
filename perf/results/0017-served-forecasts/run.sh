#!/usr/bin/env bash
# Makes the figures of README.md again: run.sh FOLDER, which holds bitbrains_rnd/ and azure_v1_vms/. Writes to standard output.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --train-until 5184 --horizons 5m,60m,24h --stack-rows 0 --path both --json
"$NOVACRON" evaluate forecast --data "$1/azure_v1_vms" --metrics microsoft_avg_100,periodic_avg_78 --max-entities 20 \
  --stack-rows 0 --train-until 5184 --horizons 5m,60m,24h --json
"$NOVACRON" bench forecast --vms 1000 --warm-up 30 --json
"$NOVACRON" bench forecast --vms 10000 --warm-up 30 --json
"$NOVACRON" bench forecast --vms 100000 --warm-up 30 --json
