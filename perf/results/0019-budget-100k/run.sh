#!/usr/bin/env bash
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "${BASH_SOURCE[0]}")/../../../novacron}"
"$NOVACRON" bench budget --vms 100000 --seconds 600 --warm-up 600 --backfill 1h --json
"$NOVACRON" bench budget --vms 100000 --seconds 300 --warm-up 420 --backfill 30m --json
