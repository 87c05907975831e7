#!/usr/bin/env bash
# Measures again what raw.json holds, one JSON line a run. Writes to standard output: results are not rewritten.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"

"$NOVACRON" bench wire --seconds 9 --json
"$NOVACRON" bench features --seconds 6 --json
"$NOVACRON" bench placement --hosts 1000 --seconds 5 --json
"$NOVACRON" bench placement --hosts 10000 --seconds 5 --json
"$NOVACRON" bench ingest --agents 200 --seconds 20 --json
"$NOVACRON" bench wire --seconds 9 --json
"$NOVACRON" bench features --seconds 6 --json
"$NOVACRON" bench placement --hosts 10000 --seconds 5 --json
"$NOVACRON" bench ingest --agents 200 --seconds 15 --json
