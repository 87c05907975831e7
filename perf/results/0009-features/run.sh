#!/usr/bin/env bash
# Measures again what raw.json holds, one JSON line a run. Writes to standard output: results are not rewritten.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"

"$NOVACRON" bench features --seconds 28 --json
