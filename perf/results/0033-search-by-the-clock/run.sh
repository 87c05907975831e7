#!/usr/bin/env bash
# Makes now-30-seconds.txt again: run.sh FOLDER, which holds roadef2012/.
set -euo pipefail
NOVACRON="$(dirname "$0")/../../../novacron"
for i in a1_1 a1_2 a1_3 a1_4 a1_5 a2_1 a2_2 a2_3 a2_4 a2_5 b_1 b_3; do
  echo "== $i"
  "$NOVACRON" solve roadef --model "$1/roadef2012/model_$i.txt.gz" --initial "$1/roadef2012/assignment_$i.txt.gz" \
    --seconds 30 --seed 1 --out "/tmp/roadef.$i" --json
done
