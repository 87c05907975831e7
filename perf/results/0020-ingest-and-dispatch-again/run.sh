#!/usr/bin/env bash
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "${BASH_SOURCE[0]}")/../../../novacron}"
"$NOVACRON" bench recovery --vms 10000 --json
"$NOVACRON" bench ingest --shape crowd --seconds 40 --json
"$NOVACRON" bench ingest --shape fleet --seconds 30 --json
"$NOVACRON" bench dispatch --json
