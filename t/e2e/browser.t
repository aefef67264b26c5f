# The browser's side before the real gate, in a real browser: see run.mjs.
use strict;
use warnings;

exec 'bash', '-c', 'set -euo pipefail; . ./dev.d/common.sh; . ./dev.d/e2e.sh; run_e2e';
