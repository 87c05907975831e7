#!/usr/bin/env bash
# run.sh DATA [seconds]   our search, Timefold and OR-Tools in one run; appends one JSON line to raw.json
set -euo pipefail
cd "$(dirname "$0")"
../../../novacron bench solver-peers --data "$1/roadef2012" --seconds "${2:-60}" --json >> raw.json
