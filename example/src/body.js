// Reads request bodies strictly.

import { badRequest } from './errors.js';

export function jsonObject(req) {
  const body = req.body ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) throw badRequest('A JSON object is expected');
  return body;
}

// Returns the named members, each of which must be a non-empty string.
export function strings(req, ...names) {
  const body = jsonObject(req);
  for (const name of names) {
    if (typeof body[name] !== 'string' || body[name].trim() === '') throw badRequest(`${name} is required`);
  }
  return body;
}
