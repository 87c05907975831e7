#!/usr/bin/env bash
# Measures again what raw.json holds. Writes to standard output: results are not rewritten.
# Needs: apt-get install clickhouse-server victoria-metrics prometheus influxdb (their services may stay stopped) and Maven,
# which resolves Kafka and QuestDB. What is missing is reported and left out.
set -euo pipefail
NOVACRON="${NOVACRON:-$(dirname "$0")/../../../novacron}"

"$NOVACRON" bench ingest-peers --rounds "${ROUNDS:-3}" --json
