#!/usr/bin/env bash
set -euo pipefail
"$(dirname "$0")/../../../novacron" bench lifecycle-faults --rounds 1000 --json
