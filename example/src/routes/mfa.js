// Enables and disables the user's own second factor.

import { Router } from 'express';
import { jsonObject, strings } from '../body.js';
import { badRequest } from '../errors.js';
import { passwordMatches } from '../passwords.js';
import { otpauthUrl } from '../totp.js';

const ISSUER = 'Wayfarer';

export function mfaRoutes({ sessions }) {
  const router = Router();
  router.use(sessions.required);

  router.post('/setup', (req, res) => {
    if (req.user.mfa.enabled) throw badRequest('Two-factor authentication is already enabled');
    const secret = req.user.mfa.begin();
    res.json({ secret, otpauth_url: otpauthUrl(secret, req.user.email, ISSUER) });
  });

  router.post('/enable', (req, res) => {
    const { code } = strings(req, 'code');
    const backupCodes = req.user.mfa.enable(code);
    if (!backupCodes) throw badRequest('Invalid code');
    res.json({ success: true, mfa_enabled: true, backup_codes: backupCodes });
  });

  router.post('/disable', async (req, res) => {
    if (!(await proves(req.user, jsonObject(req)))) throw badRequest('A valid code or password is required');
    req.user.mfa.disable();
    res.json({ success: true, mfa_enabled: false });
  });

  return router;
}

async function proves(user, { code, password }) {
  if (typeof code === 'string') return user.mfa.codeMatches(code);
  return typeof password === 'string' && passwordMatches(password, user.password);
}
