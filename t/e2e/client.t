# The client's unit tests: no browser, no nginx.
use strict;
use warnings;

exec 'node', '--test', '--test-reporter=./t/e2e/lib/reporter.mjs', glob 'client/test/*.test.mjs';
