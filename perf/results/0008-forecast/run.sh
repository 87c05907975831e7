#!/usr/bin/env bash
# Makes the figures of README.md again: run.sh FOLDER, which holds bitbrains_rnd/ and planetlab/.
set -euo pipefail
NOVACRON="$(dirname "$0")/../../../novacron"
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --train-until 5184 --horizons 5m,60m,24h --json
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --train-until 5184 --horizons 5m,60m,24h --stack-rows 0 --json
"$NOVACRON" evaluate forecast --data "$1/planetlab" --train-until 144 --horizons 5m,60m,24h --stack-rows 0 --json
"$NOVACRON" evaluate forecast --data "$1/bitbrains_rnd" --gift --stack-rows 0 --json
"$NOVACRON" bench analog --series 4 --json
"$NOVACRON" bench analog --json
