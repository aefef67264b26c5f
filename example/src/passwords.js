// Password hashing with scrypt.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(scrypt);
const KEY_BYTES = 32;

export async function hashPassword(password) {
  const salt = randomBytes(16);
  return { salt, key: await derive(password, salt, KEY_BYTES) };
}

export async function passwordMatches(password, { salt, key }) {
  return timingSafeEqual(await derive(password, salt, KEY_BYTES), key);
}
