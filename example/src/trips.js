// Trips and their files: metadata in memory, contents in the data directory.

import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

export class Trips {
  #trips = new Map();

  constructor(dataDir) {
    this.filesDir = join(dataDir, 'files');
    mkdirSync(this.filesDir, { recursive: true });
  }

  add({ title, description = '', members }) {
    const trip = { id: this.#trips.size + 1, title, description, members, files: [] };
    this.#trips.set(trip.id, trip);
    return trip;
  }

  ofUser(user) {
    return [...this.#trips.values()].filter((trip) => trip.members.includes(user.id));
  }

  find(id, user) {
    const trip = /^[0-9]{1,9}$/.test(id) ? this.#trips.get(Number(id)) : undefined;
    return trip?.members.includes(user.id) ? trip : null;
  }

  findFile(trip, id) {
    return trip.files.find((file) => String(file.id) === id) ?? null;
  }

  // On disk a file has a generated name, never the uploader's.
  async addFile(trip, { name, type, bytes, user }) {
    const stored = randomUUID();
    await writeFile(join(this.filesDir, stored), bytes, { mode: 0o600 });
    const file = {
      id: trip.files.length + 1,
      name: safeName(name),
      type,
      size: bytes.length,
      stored,
      uploadedBy: user.username,
    };
    trip.files.push(file);
    return file;
  }
}

export function publicTrip({ id, title, description, files }) {
  return { id, title, description, file_count: files.length };
}

export function publicFile(trip, { id, name, type, size, uploadedBy }) {
  return { id, name, type, size, uploaded_by: uploadedBy, url: `/api/trips/${trip.id}/files/${id}/download` };
}

// The last part of a path with either kind of slash, without characters that are unsafe in a file system or a header.
export function safeName(name) {
  const base = name.split(/[\\/]/).pop();
  const clean = base.replace(/[\p{C}<>:"|?*]/gu, '_').replace(/^[\s.]+|[\s.]+$/g, '');
  return [...clean].slice(0, 120).join('') || 'file';
}
