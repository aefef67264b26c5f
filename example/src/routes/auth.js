// Signing in, signing up, signing out, and the current user.

import { Router } from 'express';
import { strings } from '../body.js';
import { badRequest, HttpError } from '../errors.js';
import { publicUser } from '../users.js';

const MIN_PASSWORD = 8;

export function authRoutes({ users, sessions, settings }) {
  const router = Router();
  const signedIn = (user) => ({ token: sessions.issue(user), user: publicUser(user) });

  router.post('/login', async (req, res) => {
    const { email, password } = strings(req, 'email', 'password');
    const user = await users.withPassword(email, password);
    if (!user) throw new HttpError(401, 'Invalid email or password');
    if (user.mfa.enabled) return res.json({ mfa_required: true, mfa_token: sessions.issueMfaToken(user) });
    res.json(signedIn(user));
  });

  router.post('/mfa/verify-login', (req, res) => {
    const { mfa_token: mfaToken, code } = strings(req, 'mfa_token', 'code');
    const user = sessions.userOfMfaToken(mfaToken);
    if (!user) throw new HttpError(401, 'Invalid or expired token');
    if (!user.mfa.spend(code)) throw new HttpError(401, 'Invalid code');
    res.json(signedIn(user));
  });

  router.post('/register', async (req, res) => {
    if (settings.get('allow_registration') !== 'true') throw new HttpError(403, 'Registration is disabled');
    const { username, email, password } = strings(req, 'username', 'email', 'password');
    if (!/^[^@\s]+@[^@\s]+$/.test(email)) throw badRequest('email is not an address');
    if (password.length < MIN_PASSWORD) throw badRequest(`password needs ${MIN_PASSWORD} characters`);
    const user = await users.add({ username, email, password });
    if (!user) throw new HttpError(409, 'This email address is taken');
    res.status(201).json(signedIn(user));
  });

  // To sign out, the client forgets its JWT: there is nothing to do here.
  router.post('/logout', sessions.required, (req, res) => res.json({ success: true }));

  router.get('/me', sessions.required, (req, res) => res.json({ user: publicUser(req.user) }));

  return router;
}
