# The client with the real gate, in a real browser. See run.mjs.
use strict;
use warnings;

exec 'bash', '-c', 'set -euo pipefail; . ./dev.d/common.sh; . ./dev.d/e2e.sh; run_e2e';
