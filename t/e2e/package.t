# The npm package of the client: its contents and its types. No browser, no nginx.
use strict;
use warnings;

exec 'bash', '-c', 'set -euo pipefail; . ./dev.d/common.sh; . ./dev.d/e2e.sh; run_package';
