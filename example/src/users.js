// The users who can sign in.

import { hashPassword, passwordMatches } from './passwords.js';
import { SecondFactor } from './mfa.js';

const normalEmail = (email) => email.trim().toLowerCase();

// Compared with if no user has the e-mail address, so that the response time does not reveal that.
const nobodysPassword = hashPassword('nobody');

export class Users {
  #byId = new Map();

  async add({ username, email, password, role = 'user' }) {
    const hash = await hashPassword(password);
    if (this.byEmail(email)) return null;
    const user = {
      id: this.#byId.size + 1,
      username,
      email: normalEmail(email),
      role,
      password: hash,
      mfa: new SecondFactor(),
    };
    this.#byId.set(user.id, user);
    return user;
  }

  byId(id) {
    return this.#byId.get(id) ?? null;
  }

  byEmail(email) {
    const wanted = normalEmail(email);
    return [...this.#byId.values()].find((user) => user.email === wanted) ?? null;
  }

  async withPassword(email, password) {
    const user = this.byEmail(email);
    const matches = await passwordMatches(password, user?.password ?? (await nobodysPassword));
    return matches ? user : null;
  }
}

// The public part of a user.
export function publicUser(user) {
  const { id, username, email, role, mfa } = user;
  return { id, username, email, role, mfa_enabled: mfa.enabled };
}
