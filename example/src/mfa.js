// A user's second factor: a TOTP secret, and backup codes in case the phone is lost.

import { createHash, randomBytes } from 'node:crypto';
import { matchingStep, newSecret } from './totp.js';

const BACKUP_CODES = 8;

const digest = (code) => createHash('sha256').update(code).digest('hex');
const nowSeconds = () => Date.now() / 1000;

export class SecondFactor {
  enabled = false;
  #secret = null;
  #pendingSecret = null;
  #backupDigests = new Set();
  #lastStep = -1;

  begin() {
    this.#pendingSecret = newSecret();
    return this.#pendingSecret;
  }

  // Returns the backup codes, or null if the code is wrong or no setup was started.
  enable(code) {
    if (!this.#pendingSecret || matchingStep(this.#pendingSecret, code, nowSeconds()) === null) return null;
    const codes = Array.from({ length: BACKUP_CODES }, () => randomBytes(5).toString('hex'));
    this.#secret = this.#pendingSecret;
    this.#pendingSecret = null;
    this.#backupDigests = new Set(codes.map(digest));
    this.#lastStep = -1;
    this.enabled = true;
    return codes;
  }

  disable() {
    this.enabled = false;
    this.#secret = null;
    this.#backupDigests.clear();
  }

  codeMatches(code) {
    return this.enabled && matchingStep(this.#secret, code, nowSeconds()) !== null;
  }

  // A code can be used for signing in only once, so an onlooker cannot reuse it.
  spend(code) {
    if (!this.enabled || typeof code !== 'string') return false;
    if (this.#backupDigests.delete(digest(code.trim().toLowerCase()))) return true;
    const step = matchingStep(this.#secret, code, nowSeconds());
    if (step === null || step <= this.#lastStep) return false;
    this.#lastStep = step;
    return true;
  }
}
