#!/usr/bin/env bash
# run.sh: ten minutes with a kill in the middle, then decided again. In an empty folder; NOVACRON is the launcher.
set -euo pipefail
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
NOVACRON="${NOVACRON:-$HERE/../../../novacron}"
CONFIG="$HERE/daemon.yaml"
"$NOVACRON" daemon --config "$CONFIG" & daemon=$!
sleep 10
"$NOVACRON" simulate --daemon 127.0.0.1:17171 --hosts 60 --vms 2000 --seed 11 --backfill 6h & fleet=$!
sleep 300
kill -9 "$daemon"
"$NOVACRON" daemon --config "$CONFIG" & daemon=$!
sleep 300
kill "$fleet"
sleep 1
kill "$daemon"
wait "$daemon"
"$NOVACRON" replay --journal data --config "$CONFIG" --json
"$NOVACRON" replay --journal data --config "$CONFIG" --recompute --json
