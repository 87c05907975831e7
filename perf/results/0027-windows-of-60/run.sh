#!/usr/bin/env bash
# Measures again what the first line of raw.json holds. Writes to standard output: results are not rewritten.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"

"$NOVACRON" bench features --seconds 14 --days 16 --fleet 20000 --json
