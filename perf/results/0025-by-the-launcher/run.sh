#!/usr/bin/env bash
set -euo pipefail
NOVACRON="$(dirname "$0")/../../../novacron"
"$NOVACRON" up --duration 60s --json
"$NOVACRON" bench recovery --vms 10000 --json
"$NOVACRON" bench dispatch --json
"$NOVACRON" bench forecast --vms 10000 --warm-up 10 --json
"$NOVACRON" bench forecast --vms 10000 --warm-up 30 --minutes 20 --json
