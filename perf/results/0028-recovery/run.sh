#!/usr/bin/env bash
# Before and after alternate: BEFORE and AFTER are launchers (./novacron) of clones of 192c8c1 and of this state.
set -euo pipefail
BEFORE="${BEFORE:?the launcher of a clone of 192c8c1}"
AFTER="${AFTER:-$(dirname "${BASH_SOURCE[0]}")/../../../novacron}"
for _ in 1 2 3; do
  "$BEFORE" bench recovery --vms 10000 --json
  "$AFTER" bench recovery --vms 10000 --json
done
