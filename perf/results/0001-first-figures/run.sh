#!/usr/bin/env bash
# Makes raw.json again: three rounds of every benchmark, one JSON line each.
set -euo pipefail
cd "$(dirname "$0")"
NOVACRON="${NOVACRON:-../../../novacron}"

for _ in 1 2 3; do
  "$NOVACRON" bench wire --seconds 9 --json
  "$NOVACRON" bench features --seconds 6 --json
  "$NOVACRON" bench placement --hosts 1000 --seconds 5 --json
  "$NOVACRON" bench placement --hosts 10000 --seconds 5 --json
  "$NOVACRON" bench ingest --agents 200 --seconds 20 --json
done >raw.json
