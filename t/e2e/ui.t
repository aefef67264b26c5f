# The settings pages and the shim's dialog in every state and language, in a real browser. No nginx.
use strict;
use warnings;

exec 'bash', '-c', 'set -euo pipefail; . ./dev.d/common.sh; . ./dev.d/e2e.sh; run_ui';
