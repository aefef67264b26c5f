// Sessions are JWTs with HS256 only.

import jwt from 'jsonwebtoken';
import { HttpError, sessionRequired } from './errors.js';

const MFA_LOGIN = 'mfa_login';

export class Sessions {
  #secret;
  #users;

  constructor(secret, users) {
    this.#secret = secret;
    this.#users = users;
  }

  issue(user) {
    return this.#sign({ id: user.id }, '24h');
  }

  // Proves the password only, for the five minutes in which the code may follow.
  issueMfaToken(user) {
    return this.#sign({ id: user.id, purpose: MFA_LOGIN }, '5m');
  }

  // A JWT with a purpose is not a session: otherwise the mfa_token would bypass the second factor.
  user(token) {
    const claims = this.#verify(token);
    return claims && claims.purpose === undefined ? this.#users.byId(claims.id) : null;
  }

  userOfMfaToken(token) {
    const claims = this.#verify(token);
    return claims?.purpose === MFA_LOGIN ? this.#users.byId(claims.id) : null;
  }

  // Express middleware.
  required = (req, res, next) => {
    const token = bearerToken(req);
    if (!token) throw sessionRequired('Access token required');
    const user = this.user(token);
    if (!user) throw sessionRequired('Invalid or expired token');
    req.user = user;
    next();
  };

  #sign(claims, expiresIn) {
    return jwt.sign(claims, this.#secret, { algorithm: 'HS256', expiresIn });
  }

  #verify(token) {
    try {
      const claims = jwt.verify(token, this.#secret, { algorithms: ['HS256'] });
      return typeof claims === 'object' && claims.exp !== undefined ? claims : null;
    } catch {
      return null;
    }
  }
}

export function adminRequired(req, res, next) {
  if (req.user.role !== 'admin') throw new HttpError(403, 'Admin access required');
  next();
}

export function bearerToken(req) {
  return /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? null;
}
