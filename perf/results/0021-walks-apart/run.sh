#!/usr/bin/env bash
# Makes the rows "0.6" of raw.txt again: run.sh FOLDER, which holds roadef2012/.
set -euo pipefail
NOVACRON="$(dirname "$0")/../../../novacron"
for row in "a2_5 1" "a2_5 2" "a2_5 3" "a2_5 4" "a2_2 1" "a2_2 2" "a2_2 3" "b_1 1" "a2_3 1"; do
  read -r instance seed <<<"$row"
  "$NOVACRON" solve roadef --model "$1/roadef2012/model_$instance.txt.gz" --initial "$1/roadef2012/assignment_$instance.txt.gz" \
    --moves 50000000 --threads 2 --seed "$seed" --out /dev/null --json
done
