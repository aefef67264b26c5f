# The client as npm packs it: what is in it, and its types. No browser, no nginx.
use strict;
use warnings;

exec 'bash', '-c', 'set -euo pipefail; . ./dev.d/common.sh; . ./dev.d/e2e.sh; run_package';
