#!/usr/bin/env bash
# Makes raw-100.json again: run.sh FOLDER, which holds bitbrains_rnd/.
set -euo pipefail
NOVACRON="$(dirname "$0")/../../../novacron"
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --train-until 5184 --horizons 5m,60m,24h --threads 1 --json
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --gift --stack-rows 0 --threads 1 --json
