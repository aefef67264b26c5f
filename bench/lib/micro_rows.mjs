// Turns the results of the micro-benchmarks into rows of the table.

import { atLeast, atMost } from './rows.mjs';
import { MICRO } from './targets.mjs';

export const LIVE_TOKENS = [1000, 10_000, 100_000, 1_000_000];

export const storeTime = (micro, operation, live) => micro[`micro_store/run/${operation}/${live}/manual_time`]?.ns;

// The benchmark's `field`, or undefined if it did not run.
function measured(micro, name, field, measure, limit) {
  const value = micro[name]?.[field];
  const target = `<= ${limit}`;
  return value ? { measure, ...value, ...atMost(target, limit, value.median) } : { measure: 'not measured', target, ok: false };
}

// The ratio of two benchmarks' medians.
function ratio(micro, [name, base], field, measure, verdict) {
  const value = micro[name]?.[field]?.median / micro[base]?.[field]?.median;
  return Number.isNaN(value) ? { measure: 'not measured', ...verdict(NaN) } : { measure, median: value, ...verdict(value) };
}

export function microRows(micro) {
  return [
    ...verifyRows(micro, 'cold', 'micro_jwt/verify', MICRO.verifyCold),
    ...verifyRows(micro, 'remembered', 'micro_jwt/remembered_of_64', MICRO.verifyRemembered),
    { what: 'HMAC', ...ratio(micro, ['micro_jwt/hmac', 'micro_jwt/bare_hmac'], 'ns', 'time / bare HMAC',
      (value) => atMost(`<= ${MICRO.hmacRatio}`, MICRO.hmacRatio, value)) },
    ...['put', 'take'].flatMap((operation) => storeRows(micro, operation)),
    { what: 'store: 4 workers', ...ratio(micro, ['micro_workers/together/4/manual_time', 'micro_workers/together/1/manual_time'], 'items_per_second',
      'operations a second / those of one', (value) => atLeast(`>= ${MICRO.workersRatio}`, MICRO.workersRatio, value)) },
    { what: 'store: clean-up', ...measured(micro, 'micro_clean_up/longest_hold/iterations:1/manual_time', 'longest_us', 'longest hold, µs', MICRO.cleanUpHold) },
  ];
}

// The targets in nanoseconds are from another machine, and are scaled by the time of a one-shot HMAC.
function verifyRows(micro, how, name, limit) {
  const share = limit / MICRO.oneShotHmac;
  return [
    { what: `jwt::verify, ${how}`, ...measured(micro, name, 'ns', 'ns', limit) },
    { what: `jwt::verify, ${how}`, ...ratio(micro, [name, 'micro_jwt/one_shot_hmac'], 'ns', 'time / one-shot HMAC()',
      (value) => atMost(`<= ${share.toFixed(2)}`, share, value)) },
  ];
}

function storeRows(micro, operation) {
  const times = LIVE_TOKENS.map((live) => storeTime(micro, operation, live));
  if (times.includes(undefined)) return [{ what: `store: ${operation}`, measure: 'not measured', ok: false }];
  const medians = times.map((time) => time.median);
  const [least, most] = [Math.min(...medians), Math.max(...medians)];
  // The distance of the extremes from their midpoint.
  const spread = (most - least) / (most + least);
  return [
    ...times.map((ns, i) => ({ what: `store: ${operation}`, measure: `ns at 10^${Math.log10(LIVE_TOKENS[i])} tokens`, ...ns,
      ...atMost(`<= ${MICRO.storeOperation}`, MICRO.storeOperation, ns.median) })),
    { what: `store: ${operation}`, measure: 'spread, 10^3 to 10^6 tokens', median: spread,
      ...atMost(`<= ${MICRO.storeSpread}`, MICRO.storeSpread, spread) },
  ];
}
