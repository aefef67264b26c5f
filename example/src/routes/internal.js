// Endpoints for the gate alone: nginx lets no client's request reach them.

import { randomBytes } from 'node:crypto';
import { Router } from 'express';
import { badRequest, HttpError } from '../errors.js';

export function internalRoutes({ users, settings }) {
  const router = Router();

  // A user has signed in at the provider; the body contains the provider's claims. Answers with our own user id.
  router.post('/oidc-user', async (req, res) => {
    const { email, email_verified: verified, name } = req.body ?? {};
    if (typeof email !== 'string' || verified !== true) throw badRequest('no_email');
    const known = users.byEmail(email);
    if (known) return res.json({ id: known.id });
    if (settings.get('allow_registration') !== 'true') throw new HttpError(403, 'registration_disabled');
    const username = typeof name === 'string' ? name : email;
    const user = await users.add({ username, email, password: randomBytes(32).toString('hex') });
    res.status(201).json({ id: user.id });
  });

  return router;
}
