#!/usr/bin/env bash
# Makes raw.json again: run.sh FOLDER, which holds bitbrains_rnd/.
set -euo pipefail
NOVACRON="$(dirname "$0")/../../../novacron"
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --train-until 5184 --horizons 5m,60m,24h --threads 1 --json
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --gift --threads 1 --json
