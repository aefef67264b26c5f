// The configuration from the environment, checked once at start.

import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';

export class ConfigError extends Error {}

export function readConfig(env) {
  if (!env.JWT_SECRET) throw new ConfigError('JWT_SECRET is required');
  const port = Number(env.PORT || 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new ConfigError(`PORT must be a number from 0 to 65535, not "${env.PORT}"`);
  }
  return {
    port,
    jwtSecret: env.JWT_SECRET,
    dataDir: dataDirectory(env.DATA_DIR),
    requestLog: env.REQUEST_LOG || null,
  };
}

function dataDirectory(configured) {
  if (configured) {
    const path = resolve(configured);
    mkdirSync(path, { recursive: true });
    return path;
  }
  const path = mkdtempSync(join(tmpdir(), 'auth-gate-example-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}
