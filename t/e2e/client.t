# The client's unit tests: no browser, no nginx.
use strict;
use warnings;

exec 'node', '--test', '--test-reporter=tap', glob 'client/test/*.test.mjs';
