#!/usr/bin/env bash
# run.sh DATA [seconds]   solves every ROADEF instance of DATA/roadef2012; one JSON line each in raw.json
set -euo pipefail
cd "$(dirname "$0")"
DATA="$1"; SECONDS_EACH="${2:-30}"; NOVACRON=../../../novacron
for model in "$DATA"/roadef2012/model_a[12]_*.txt.gz "$DATA"/roadef2012/model_b_*.txt.gz; do
  name="$(basename "$model" .txt.gz)"; name="${name#model_}"
  line="$("$NOVACRON" solve roadef --model "$model" --initial "$DATA/roadef2012/assignment_$name.txt.gz" \
    --seconds "$SECONDS_EACH" --seed 1 --out "/tmp/assignment_$name.txt" --json)"
  echo "{\"instance\":\"$name\",${line#\{}" >> raw.json
done
