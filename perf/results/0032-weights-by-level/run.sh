#!/usr/bin/env bash
# Makes raw.json again: run.sh FOLDER, which holds bitbrains_rnd/, planetlab/ and azure_avg/
# (the average, not the maximum, of Azure's traces: microsoft_avg_100 and periodic_avg_78).
set -euo pipefail
NOVACRON="$(dirname "$0")/../../../novacron"
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --train-until 5184 --horizons 5m,60m,24h --threads 1 --json
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --gift --threads 1 --json
"$NOVACRON" evaluate forecast --data "$1/planetlab" --train-until 144 --horizons 5m,60m,24h --stack-rows 0 --threads 1 --json
"$NOVACRON" evaluate forecast --data "$1/azure_avg" --train-until 5336 --horizons 5m,60m,24h --threads 1 --json
