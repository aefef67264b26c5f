# feathers behind the gate, with the configuration of docs/apps/feathers.md. See run.mjs.
use strict;
use warnings;

exec 'bash', '-c', 'set -euo pipefail; . ./dev.d/common.sh; . ./dev.d/apps.sh; run_apps feathers';
